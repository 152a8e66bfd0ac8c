import { composeFile } from "../../platform/compose";
import { labStack } from "../support/synth";

test("docker-compose's file says what the lab's stack says", () => {
  const file = composeFile(labStack().lab).replaceAll(/(fullstack-lab\/[a-z]+):[0-9a-f]{12}/g, "$1:<hash>");
  expect(file).toMatchSnapshot();
});
