import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { Browser, BrowserContext, BrowserContextOptions, chromium, Page } from "playwright-core";
import { REPOSITORY } from "../../../platform/repository";

/** Where pictures of the pages go; CI keeps the folder. */
export const SCREENSHOTS = join(REPOSITORY, ".lab", "reports", "screenshots");

const BROWSERS = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/google-chrome"];

/** What a page needs none of: no sandbox inside a container, and nothing that calls home. */
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Starts this machine's Chromium, with a profile of its own. @throws Error when there is none */
export function openBrowser(): Promise<Browser> {
  const executablePath = BROWSERS.find((path) => path && existsSync(path));
  if (!executablePath) {
    throw new Error("there is no Chromium on this machine: apt-get install chromium, or name one in CHROMIUM");
  }
  mkdirSync(SCREENSHOTS, { recursive: true });
  return chromium.launch({ executablePath, args: FLAGS });
}

/** Somebody who looks at the lab's pages, and notes whatever goes wrong on them. */
export class Visitor {
  /** Console errors, requests that failed or were refused, and requests to anywhere but this machine. */
  readonly problems: string[] = [];

  private constructor(
    readonly context: BrowserContext,
    readonly page: Page,
  ) {
    context.on("request", (request) => {
      const { protocol, hostname } = new URL(request.url());
      if (!["data:", "blob:"].includes(protocol) && hostname !== "127.0.0.1") {
        this.problems.push(`a request outside the lab: ${request.url()}`);
      }
    });
    context.on("requestfailed", (request) => {
      this.problems.push(`a request failed: ${request.url()} ${request.failure()?.errorText}`);
    });
    context.on("response", (response) => {
      if (response.status() >= 400) {
        this.problems.push(`${response.url()} was answered with ${response.status()}`);
      }
    });
    context.on("console", (message) => {
      if (message.type() === "error") {
        this.problems.push(`on the console: ${message.text()}`);
      }
    });
    context.on("weberror", (error) => this.problems.push(`on the page: ${error.error().message}`));
  }

  /** A visitor with no cookies. */
  static async come(browser: Browser, options: BrowserContextOptions = {}): Promise<Visitor> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    return new Visitor(context, await context.newPage());
  }

  /** Takes a picture of the whole page for CI to keep. */
  async picture(name: string): Promise<void> {
    await this.page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), fullPage: true });
  }

  /** Goes away. */
  async leave(): Promise<void> {
    await this.context.close();
  }
}
