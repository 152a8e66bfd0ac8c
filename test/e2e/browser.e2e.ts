import type { Browser } from "playwright-core";
import { frontPage } from "./browser/front-page";
import { jupyterLab } from "./browser/jupyterlab";
import { SUPERSET, webSql } from "./browser/web-sql";
import { openBrowser } from "./support/browser";
import { deploy, EVE, forget, sweep, writeClass } from "./support/lab";

let browser: Browser;

beforeAll(async () => {
  await sweep([EVE]);
  writeClass({ [EVE]: { superset: SUPERSET } });
  browser = await openBrowser();
  await deploy(EVE, { timeoutSeconds: 2400 });
}, 2_500_000);

afterAll(async () => {
  await browser?.close();
  await sweep([EVE]);
  forget();
});

// Each with the browser and the lab of this file.
describe("the front page", () => frontPage(EVE, () => browser));
describe("JupyterLab", () => jupyterLab(EVE, () => browser));
describe("web SQL", () => webSql(EVE, () => browser));
