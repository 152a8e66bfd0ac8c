import { BadInputError } from "../platform/checks";
import type { Path } from "./schema-check";
import type { YamlSource } from "./yaml-source";

/** Where the settings of one lab stand: in its own part of the class file, or in the class's. */
export class LabSource {
  /**
   * @param where the student's own line
   * @param paths the lab's own parts of the file, those that count most first
   */
  constructor(
    private readonly source: YamlSource,
    readonly where: string,
    private readonly paths: readonly Path[],
  ) {}

  /** A construct's mistake, at the line of the setting that it is about; at the student's where none is set. */
  locate(mistake: BadInputError): BadInputError {
    const service = /\/lab\/([a-z]+)$/.exec(mistake.where)?.[1];
    const where = service ? this.service(service, mistake.options) : this.target(mistake.options);
    const problem = service ? `${service}: ${mistake.problem}` : mistake.problem;
    return new BadInputError(where, problem, mistake.options);
  }

  /** The line of a service's option: of the first of these that is set. */
  service(service: string, options: readonly string[]): string {
    return this.first([...options.map((option) => [service, option]), [service]], "services", "defaults");
  }

  /** The line that says when the lab ends. */
  expires(): string {
    const own = this.paths.map((path): Path => [...path, "expires"]);
    const droplets = [...this.paths, []].map((path): Path => [...path, "target", "digitalocean", "expires"]);
    return this.firstOf([...own, ...droplets, ["expires"]]);
  }

  /** The line that says where the lab runs: of the first of these options of a droplet that is set. */
  target(options: readonly string[]): string {
    const targets = options.flatMap((option) => [["digitalocean", option], [option]]);
    return this.first([...targets, []], "target", "target");
  }

  private first(candidates: readonly Path[], own: string, shared: string): string {
    const roots = [...this.paths.map((path) => [...path, own]), [shared]];
    return this.firstOf(candidates.flatMap((path) => roots.map((root) => [...root, ...path])));
  }

  private firstOf(paths: readonly Path[]): string {
    return paths.map((path) => this.source.find(path)).find(Boolean) ?? this.where;
  }
}
