import { stringify } from "csv-stringify/sync";
import fc from "fast-check";
import { LAB_ID } from "../../platform/checks";
import { parseRoster, RosterStudent } from "../../roster/roster-file";
import { studentId } from "../../roster/student-id";

// Other work on the machine must not fail it.
jest.setTimeout(60_000);

function read(text: string | Buffer, settings: Parameters<typeof parseRoster>[2] = {}): RosterStudent[] {
  const { students, mistakes } = parseRoster("roster.csv", Buffer.from(text), settings);
  expect(mistakes.map(({ message }) => message)).toEqual([]);
  return [...students];
}

function mistakes(text: string | Buffer, settings: Parameters<typeof parseRoster>[2] = {}): string[] {
  return parseRoster("roster.csv", Buffer.from(text), settings).mistakes.map(({ message }) => message);
}

const CANVAS = `\uFEFFStudent,ID,SIS User ID,SIS Login ID,Root Account,Section,Homework 1 (17)
,,,,,,Manual Posting
    Points Possible,,,,,,10
"Liu, Alice",4711,0012345,aliu@example.edu,example.instructure.com,W205,9
"O'Neil, Bob",4712,0012346,bob.oneil@example.edu,example.instructure.com,W205,
"Student, Test",4713,,4d3c2b1a,,W205,
`;
const MOODLE = `First name;Surname;ID number;Institution;Department;Email address\r\nÅsa;Öberg;17;;;asa.oberg@example.edu\r\n小明;王;;;;\r\n`;
const BLACKBOARD = `"Last Name"\t"First Name"\t"Username"\t"Student ID"\t"Last Access"\t"Availability"\n"Müller"\t"Jörg"\t"jmueller"\t"s1234567"\t"2026-09-01"\t"Yes"\n`;

describe("exports of learning-management systems", () => {
  test("Canvas", () => {
    expect(read(CANVAS)).toEqual([
      { id: "aliu", name: "Liu, Alice", sis: "0012345", login: "aliu@example.edu", where: "roster.csv:4" },
      { id: "bob-oneil", name: "O'Neil, Bob", sis: "0012346", login: "bob.oneil@example.edu", where: "roster.csv:5" },
    ]);
  });

  test("Moodle, with semicolons, CRLF and names in other scripts", () => {
    expect(read(MOODLE)).toEqual([
      { id: "asa-oberg", name: "Åsa Öberg", sis: "17", email: "asa.oberg@example.edu", where: "roster.csv:2" },
      { id: "xiao-ming-wang", name: "小明 王", where: "roster.csv:3" },
    ]);
  });

  test("Blackboard, with tabs, in UTF-16", () => {
    const utf16 = Buffer.from(`\uFEFF${BLACKBOARD}`, "utf16le");
    expect(read(utf16)).toMatchObject([{ id: "jmueller", name: "Jörg Müller", sis: "s1234567" }]);
    expect(read(Buffer.from(utf16).swap16())).toMatchObject([{ id: "jmueller" }]);
  });

  test("Brightspace, and Excel's first line", () => {
    expect(read("sep=;\nOrgDefinedId;Username;Last Name;First Name\n#42;#zoe;Z;Zoe\n")).toMatchObject([
      { id: "zoe", sis: "#42", where: "roster.csv:3" },
    ]);
  });

  test.each([
    ["Vorname,Nachname,E-Mail-Adresse", "Jörg,Müller,jm@example.edu"],
    ["Prénom;Nom de famille;Adresse de courriel", "Jörg;Müller;jm@example.edu"],
    ["Nombre,Apellido(s),Dirección de correo", "Jörg,Müller,jm@example.edu"],
    ["student first name,STUDENT_LAST_NAME,Student E-Mail Address", "Jörg,Müller,jm@example.edu"],
    ["Participant given-name,Surname.,User mail", "Jörg,Müller,jm@example.edu"],
  ])("%s", (header, row) => {
    expect(read(`${header}\n${row}\n`)).toMatchObject([{ id: "jm", name: "Jörg Müller", email: "jm@example.edu" }]);
  });

  test("a table by hand: its id is the lab's, where it can be one", () => {
    expect(read("id,name\nalice,Alice\n").map(({ id }) => id)).toEqual(["alice"]);
    expect(read("id,name\n4711,Alice\n").map(({ id }) => id)).toEqual(["s-4711"]);
    expect(read("Lab ID,E-Mail\nteam-1,x@example.edu\n").map(({ id }) => id)).toEqual(["team-1"]);
  });
});

describe("ids", () => {
  test.each([
    [{ login: "ALiu", email: "other@example.edu" }, "aliu"],
    [{ email: "alice.m+w205@example.edu" }, "alice-m-w205"],
    [{ sis: "00123" }, "s-00123"],
    [{ name: "x" }, "s-x"],
    [{ name: "Łukasz Żółć" }, "lukasz-zolc"],
    [{ name: "Иван Петров" }, "ivan-petrov"],
    [{ name: "!!!" }, "s-e84c538e"],
    [{ email: "@example.edu" }, "example-edu"],
    [{ name: `${"long-name-".repeat(4)}end` }, "long-name-long-name-lon-67c206e3"],
  ])("%j is %s", (person, id) => {
    expect(studentId(person)?.id).toMatch(LAB_ID);
    expect(studentId(person)?.id).toBe(id);
  });

  test("come from the columns that the class file names, and from what it sets by hand", () => {
    expect(read(CANVAS, { idFrom: ["sis"] }).map(({ id }) => id)).toEqual(["s-0012345", "s-0012346"]);
    expect(read(CANVAS, { ids: { "ALIU@example.edu": "alice", "0012346": "bob" } }).map(({ id }) => id)).toEqual([
      "alice",
      "bob",
    ]);
  });
});

describe("mistakes are named with file and line", () => {
  test.each([
    [
      "two students with one id",
      "Name,Email\nA,al@x.edu\nB,al@y.edu\n",
      /^roster.csv:3: the id "al" of "B" "al@y.edu" is also that of "A" "al@x.edu", at roster.csv:2. Set another at .*, such as "al@y.edu": b-al/,
    ],
    ["nothing", "", /^roster.csv: the file is empty/],
    ["no students", "Name,Email\n", /^roster.csv: there is no student in it/],
    ["columns of nobody", "Colour,Size\nred,3\n", /^roster.csv:1: none of the columns "Colour, Size" says who/],
    ["a cell too many", "Name,Email\nLiu, Alice,al@x.edu\n", /^roster.csv:2: it has 3 cells, but the columns are 2/],
    [
      "a quote that is not closed",
      'Name,Email\nA,a@x.edu\n"B,b@x.edu\n',
      /^roster.csv:\d: the CSV is broken: Quote Not Closed/,
    ],
    ["a quote in the middle", 'Name,Email\nA"l,a@x.edu\n', /^roster.csv:2: the CSV is broken/],
    [
      "nobody's row",
      "Name,Email\nAlice,\n",
      /^roster.csv:2: the student "Alice" has none of email/,
      { idFrom: ["email" as const] },
    ],
    ["a bad id", "Lab ID,Name\nAl_ice,Alice\n", /^roster.csv:2: the lab's id is "Al_ice"/],
    [
      "an id for nobody",
      "Name,Email\nA,al@x.edu\n",
      /^roster.ids: nobody in the roster has "ak@x.edu" as login.*Did you mean "al@x.edu"/,
      { ids: { "ak@x.edu": "al" } },
    ],
  ] as [string, string, RegExp, Parameters<typeof parseRoster>[2]?][])("%s", (_name, text, message, settings = {}) => {
    expect(mistakes(text, settings)[0]).toMatch(message);
  });

  test("what is not UTF-8", () => {
    expect(mistakes(Buffer.from("Name,Email\nJ\xfcrgen,j@x.edu\n", "latin1"))).toEqual([
      expect.stringContaining("it is not UTF-8 text"),
    ]);
  });
});

/** How a program may write a table. */
const WAY = fc.record({
  delimiter: fc.constantFrom(",", ";", "\t"),
  record_delimiter: fc.constantFrom("\n", "\r\n"),
  bom: fc.boolean(),
  quoted: fc.boolean(),
});

const cell = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 40 }),
  fc.constantFrom("", " ", '"', "a,b", "x;y", "\t", "line\nbreak", "Points Possible", "alice@example.edu", "=1+1"),
);
const header = fc.constantFrom(
  "Student",
  "ID",
  "SIS User ID",
  "SIS Login ID",
  "Email address",
  "Name",
  "First name",
  "Section",
  "x",
);

test("any table round-trips or is refused: never a crash, never two students with one id", () => {
  const table = fc.record({
    columns: fc.array(header, { minLength: 1, maxLength: 6 }),
    rows: fc.array(fc.array(cell, { minLength: 1, maxLength: 6 }), { maxLength: 8 }),
  });
  fc.assert(
    fc.property(table, WAY, ({ columns, rows }, way) => {
      const text = stringify([columns, ...rows.map((row) => row.slice(0, columns.length))], way);
      const { students, mistakes: found } = parseRoster("roster.csv", Buffer.from(text));
      expect(new Set(students.map(({ id }) => id)).size).toBe(students.length);
      expect(students.length + found.length).toBeGreaterThan(0);
      students.forEach(({ id }) => expect(id).toMatch(LAB_ID));
      found.forEach(({ message }) => expect(message).toMatch(/^roster\.csv/));
    }),
    { numRuns: 300 },
  );
});

test("any bytes are read or refused", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 200 }),
      fc.constantFrom("", "Name,Email\n", "\uFEFF", "sep=,\n"),
      (bytes, before) => {
        const { students, mistakes: found } = parseRoster("roster.csv", Buffer.concat([Buffer.from(before), bytes]));
        expect(students.length + found.length).toBeGreaterThan(0);
      },
    ),
  );
});

/** A header's name in some case, with or without punctuation for its blanks. */
function loosely(name: string): fc.Arbitrary<string> {
  return fc
    .tuple(
      fc.mixedCase(fc.constant(name)),
      fc.constantFrom(" ", "-", "_", "", "  "),
      fc.constantFrom("", " ", ".", ":"),
    )
    .map(([text, between, end]) => text.replaceAll(" ", between) + end);
}

test("what a student's name and address are comes back as it was written", () => {
  const word = fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 }).map((text) =>
    text
      .normalize("NFC")
      .replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, " ")
      .trim(),
  );
  const people = fc.uniqueArray(fc.record({ name: word.filter((text) => text !== ""), email: fc.emailAddress() }), {
    minLength: 1,
    maxLength: 6,
    selector: ({ email }) => studentId({ email })!.id,
  });
  fc.assert(
    fc.property(people, WAY, loosely("Name"), loosely("Email address"), (given, way, name, email) => {
      const rows = read(stringify([[name, email], ...given.map((one) => [one.name, one.email])], way));
      expect(rows.map(({ name, email }) => ({ name, email }))).toEqual(given);
    }),
  );
});

test("another student more or less changes nobody's id: who takes one that is taken is refused", () => {
  const row = fc.record({ login: cell, email: cell, name: cell });
  type Rows = readonly { login: string; email: string; name: string }[];
  const table = (rows: Rows): ReturnType<typeof parseRoster> => {
    const cells = rows.map(({ login, email, name }) => [login, email, name]);
    return parseRoster("roster.csv", Buffer.from(stringify([["Login", "Email", "Name"], ...cells])));
  };
  const ids = ({ students }: ReturnType<typeof parseRoster>): Map<string, string> =>
    new Map(students.map(({ id, login, email, name }) => [JSON.stringify([login, email, name]), id]));
  fc.assert(
    fc.property(fc.array(row, { maxLength: 6 }), row, fc.nat(6), (rows, other, at) => {
      const after = table([...rows.slice(0, at), other, ...rows.slice(at)]);
      for (const [person, id] of ids(table(rows))) {
        expect([id, after.mistakes.length > 0 ? undefined : id]).toContain(ids(after).get(person));
      }
    }),
  );
});
