import { BadInputError, checkLabId, nearest, show } from "../platform/checks";
import { clean, decode, readRows } from "./csv";
import type { RosterDefinition } from "./definition";
import { ID_SOURCES, Person, studentId } from "./student-id";

/** A student of a roster. */
export interface RosterStudent extends Person {
  readonly id: string;
  /** File and line. */
  readonly where: string;
}

/** What a roster's file came to. */
export interface Roster {
  readonly students: readonly RosterStudent[];
  readonly mistakes: readonly BadInputError[];
}

/** Where ids are set by hand, for messages. */
export interface SetIdAt {
  /** In words. */
  readonly text: string;
  /** File and line of one. */
  at(key: string): string;
}

type Column = "id" | "login" | "email" | "sis" | "name" | "first" | "last";

/**
 * Header names without case, blanks and punctuation, as Canvas, Moodle (also in German, French and Spanish),
 * Blackboard, Brightspace and people write them.
 */
const HEADERS: Readonly<Record<Column, readonly string[]>> = {
  id: ["labid", "lab"],
  login: ["sisloginid", "loginid", "login", "loginname", "username", "user", "netid", "account"],
  email: [
    "email",
    "emailaddress",
    "emailid",
    "mail",
    "primaryemail",
    "schoolemail",
    "emailadresse",
    "adressedecourriel",
    "courriel",
    "direccióndecorreo",
    "correo",
  ],
  sis: ["sisuserid", "sisid", "studentid", "studentnumber", "idnumber", "externalid", "orgdefinedid", "universityid"],
  name: [
    "name",
    "student",
    "fullname",
    "displayname",
    "sortablename",
    "vollständigername",
    "nomcomplet",
    "nombrecompleto",
  ],
  first: ["firstname", "first", "givenname", "forename", "vorname", "prénom", "nombre"],
  last: ["lastname", "last", "surname", "familyname", "nachname", "nomdefamille", "nom", "apellidos", "apellido"],
};

/** Canvas numbers its users in a column of this name; elsewhere it is the lab's id, or the student's number. */
const PLAIN_ID = "id";

/** Lines that Canvas puts among the students. */
const NO_STUDENTS = ["points possible", "student, test"];

/**
 * Reads a roster: a CSV file with commas, semicolons or tabs, in UTF-8 or UTF-16.
 *
 * @param name the file's name, for messages
 * @param settings how ids come from it
 * @param setIdAt where a person may set ids, for messages
 */
export function parseRoster(
  name: string,
  bytes: Uint8Array,
  settings: Omit<RosterDefinition, "file"> = {},
  setIdAt: SetIdAt = { text: "roster.ids in the class file", at: () => "roster.ids" },
): Roster {
  const mistakes: BadInputError[] = [];
  try {
    const [header, ...rows] = readRows(name, decode(name, bytes), (cell) => columnOf(cell) !== undefined);
    if (!header) {
      throw new BadInputError(
        name,
        "the file is empty; allowed is a line with the columns' names, then one line a student.",
      );
    }
    const columns = findColumns(`${name}:${header.line}`, header.cells);
    const explicit = new ExplicitIds(settings.ids ?? {});
    const all = rows.flatMap(({ cells, line }): RosterStudent[] => {
      const where = `${name}:${line}`;
      try {
        const student = readStudent(where, cells, header.cells.length, columns, settings, explicit, setIdAt.text);
        return student ? [student] : [];
      } catch (error) {
        mistakes.push(knownMistake(error));
        return [];
      }
    });
    const { students, clashes } = withoutClashes(all, setIdAt.text);
    mistakes.push(...clashes, ...explicit.unused(all, setIdAt));
    if (students.length === 0 && mistakes.length === 0) {
      mistakes.push(new BadInputError(name, "there is no student in it; allowed is at least one."));
    }
    return { students, mistakes };
  } catch (error) {
    return { students: [], mistakes: [knownMistake(error)] };
  }
}

function knownMistake(error: unknown): BadInputError {
  if (error instanceof BadInputError) {
    return error;
  }
  throw error;
}

function columnOf(header: string): Column | undefined {
  const name = bare(header);
  const find = (word: string): Column | undefined =>
    (Object.keys(HEADERS) as Column[]).find((column) => HEADERS[column].includes(word));
  // "Student Email Address" is what "Email Address" is; "Student ID" is another thing than "ID".
  return find(name) ?? find(name.replace(/^(student|user|learner|participant)s?(?=.)/, ""));
}

function bare(header: string): string {
  return clean(header)
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, "");
}

type Columns = Partial<Record<Column | "plainId", readonly number[]>>;

function findColumns(where: string, header: readonly string[]): Columns {
  const columns: Partial<Record<Column | "plainId", number[]>> = {};
  const isCanvas = header.some((name) => bare(name).startsWith("sis") || bare(name) === "rootaccount");
  header.forEach((name, index) => {
    const column = columnOf(name) ?? (bare(name) === PLAIN_ID && !isCanvas ? "plainId" : undefined);
    if (column) {
      (columns[column] ??= []).push(index);
    }
  });
  if (Object.keys(columns).length === 0) {
    throw new BadInputError(
      where,
      `none of the columns ${show(header.join(", "))} says who a student is; allowed are names such as ` +
        `Student, Name, First name, Last name, Email, Username, SIS Login ID, SIS User ID, Student ID, Lab ID.`,
    );
  }
  return columns;
}

function readStudent(
  where: string,
  cells: readonly string[],
  width: number,
  columns: Columns,
  settings: Omit<RosterDefinition, "file">,
  explicit: ExplicitIds,
  setIdAt: string,
): RosterStudent | undefined {
  const cell = (column: Column | "plainId"): string | undefined =>
    columns[column]?.map((index) => cells[index]).find(Boolean);
  if (cells.slice(width).some(Boolean)) {
    throw new BadInputError(
      where,
      `it has ${cells.length} cells, but the columns are ${width}: a cell with the separator in it needs quotes around it.`,
    );
  }
  const plainId = cell("plainId");
  const plainIsLab = plainId !== undefined && /^[a-z][a-z0-9-]*[a-z0-9]$/.test(plainId);
  const person: Person = {
    name: cell("name") ?? ([cell("first"), cell("last")].filter(Boolean).join(" ") || undefined),
    email: cell("email"),
    login: cell("login"),
    sis: cell("sis") ?? (plainIsLab ? undefined : plainId),
  };
  const labId = cell("id") ?? (plainIsLab ? plainId : undefined);
  const isNobody = !labId && Object.values(person).every((value) => value === undefined);
  if (isNobody || NO_STUDENTS.includes(person.name?.toLowerCase() ?? "")) {
    return undefined;
  }
  const set = explicit.idOf(person) ?? labId;
  const id = set ?? studentId(person, settings.idFrom ?? ID_SOURCES)?.id;
  if (id === undefined) {
    throw new BadInputError(
      where,
      `the student ${show(person.name ?? person.email ?? person.login ?? person.sis)} has none of ` +
        `${(settings.idFrom ?? ID_SOURCES).join(", ")} to make an id of. Set one at ${setIdAt}.`,
    );
  }
  checkLabId(where, id);
  return { ...person, id, where };
}

/** Two students with one id are refused, never numbered: a number would hang on who else is there. */
function withoutClashes(
  all: readonly RosterStudent[],
  setIdAt: string,
): { readonly students: readonly RosterStudent[]; readonly clashes: readonly BadInputError[] } {
  const students = new Map<string, RosterStudent>();
  const clashes: BadInputError[] = [];
  for (const student of all) {
    const { id, where } = student;
    const other = students.get(id);
    if (!other) {
      students.set(id, student);
      continue;
    }
    // Not alice-2: cdktf's pattern 'alice*' would mean that lab too.
    const key = student.login ?? student.email ?? student.sis ?? student.name ?? "";
    clashes.push(
      new BadInputError(
        where,
        `the id "${id}" of ${describe(student)} is also that of ${describe(other)}, at ${other.where}. ` +
          `Set another at ${setIdAt}, such as ${show(key)}: b-${id.slice(0, 30)}; or, when it is one person twice, delete a line.`,
      ),
    );
  }
  return { students: [...students.values()], clashes };
}

function describe({ name, login, email, sis }: Person): string {
  return [...new Set([name, login, email, sis].filter(Boolean))].map((text) => show(text)).join(" ");
}

/** The ids that the class file sets for some. */
class ExplicitIds {
  private readonly ids: ReadonlyMap<string, { readonly key: string; readonly id: string }>;
  private readonly used = new Set<string>();

  constructor(ids: Readonly<Record<string, string>>) {
    this.ids = new Map(Object.entries(ids).map(([key, id]) => [plain(key), { key, id }]));
  }

  idOf(person: Person): string | undefined {
    for (const source of ID_SOURCES) {
      const found = this.ids.get(plain(person[source] ?? ""));
      if (found) {
        this.used.add(found.key);
        return found.id;
      }
    }
    return undefined;
  }

  /** Those that are nobody's. */
  unused(students: readonly Person[], setIdAt: SetIdAt): BadInputError[] {
    const known = students.flatMap((student) => ID_SOURCES.flatMap((source) => student[source] ?? []));
    return [...this.ids.values()]
      .filter(({ key }) => !this.used.has(key))
      .map(({ key }) => {
        const near = nearest(key, known);
        return new BadInputError(
          setIdAt.at(key),
          `nobody in the roster has ${show(key)} as login, email, SIS id or name.${near ? ` Did you mean ${show(near)}?` : ""}`,
        );
      });
  }
}

function plain(text: string): string {
  return clean(text).toLowerCase();
}
