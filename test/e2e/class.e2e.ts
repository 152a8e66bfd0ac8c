import { randomMoments } from "./class/random-moments";
import { savedWork } from "./class/saved-work";
import { takingAway } from "./class/taking-away";
import { upAndStatus } from "./class/up-and-status";
import { forgetClass, sweepClass, writeClass } from "./support/class";

beforeAll(async () => {
  await sweepClass();
  writeClass();
});

afterAll(forgetClass);

describe("a class of three comes up", upAndStatus);
describe("a student's work", savedWork);
describe("ended at random moments and typed again", randomMoments);
describe("a class is taken away", takingAway);
