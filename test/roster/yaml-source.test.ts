import { LabClass, parseClass } from "../../roster/class-file";

describe("a long class file", () => {
  const name = `long-${process.pid}.yaml`;
  const students = Array.from({ length: 300 }, (_, index) => `  - { id: student-${index}, name: "Student ${index}" }`);
  const text = `name: many\ntimeZone: Europe/Vienna\nstudents:\n${students.join("\n")}\n`;

  test("is the same class, and stands on the same lines, when it is read again", () => {
    const [first, again] = [parseClass(name, text), parseClass(name, text)];
    const places = ({ labs }: LabClass): unknown[] =>
      labs.map(({ id, source }) => [id, source?.where, source?.expires(), source?.service("kafka", ["version"])]);
    const settings = ({ labs }: LabClass): string => JSON.stringify(labs.map((lab) => ({ ...lab, source: undefined })));
    expect(settings(again) === settings(first)).toBe(true);
    expect(places(again)).toEqual(places(first));
    expect(places(again)[299]).toEqual(["student-299", `${name}:303`, `${name}:303`, `${name}:303`]);
  });

  test("that was right and is changed has its mistakes named by line", () => {
    parseClass(name, text);
    const worse = text.replace("id: student-150,", "id: student-149,").replace("many", "many of them!");
    expect(() => parseClass(name, worse)).toThrow(
      new RegExp(`${name}:1: name is .*\\n.*${name}:154: the id "student-149" is taken already, at ${name}:153`),
    );
    expect(parseClass(name, text).labs).toHaveLength(300);
  });
});
