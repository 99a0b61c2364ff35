/** Variables by name, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Reads a file as text; throws where it cannot. */
export type ReadFile = (path: string) => string;

/** Reads variables one by one, and keeps a sentence for each that is bad. An empty variable counts as absent. */
export class VariableReader {
  readonly sentences: string[] = [];
  private readonly known = new Set<string>();

  constructor(
    private readonly env: Environment,
    private readonly readFile: ReadFile,
  ) {}

  /** Keeps a sentence about a variable. It holds no value of a secret. */
  bad(sentence: string): null {
    this.sentences.push(sentence);
    return null;
  }

  text(name: string): string | null {
    this.known.add(name);
    const value = this.env[name];
    return value === undefined || value === '' ? null : value;
  }

  matching(name: string, form: RegExp, words: string): string | null {
    const value = this.text(name);
    return value === null || form.test(value) ? value : this.bad(`${name} has to be ${words}.`);
  }

  oneOf<const Choice extends string>(name: string, choices: readonly Choice[]): Choice | null {
    const value = this.text(name);
    if (value === null) return null;
    return choices.find((choice) => choice === value.toLowerCase()) ?? this.bad(`${name} has to be one of ${choices.join(', ')}.`);
  }

  wholeNumber(name: string, least: number, most: number): number | null {
    const value = this.text(name);
    if (value === null) return null;
    const number = /^[0-9]{1,9}$/.test(value) ? Number(value) : Number.NaN;
    return number >= least && number <= most ? number : this.bad(`${name} has to be a whole number from ${least} to ${most}.`);
  }

  /** The text of the file that a variable names. */
  file(name: string): string | null {
    const path = this.text(name);
    if (path === null) return null;
    try {
      return this.readFile(path);
    } catch (cause) {
      return this.bad(`${name} names ${path}, which cannot be read: ${cause instanceof Error ? cause.message : String(cause)}.`);
    }
  }

  /** A secret given as itself or, with `_FILE` on its name, as the file that holds it. */
  secret(name: string): string | null {
    const [given, fromFile] = [this.text(name), this.file(`${name}_FILE`)];
    if (given !== null && fromFile !== null) return this.bad(`${name} and ${name}_FILE are both set: keep one.`);
    return given ?? fromFile?.replace(/\r?\n$/, '') ?? null;
  }

  /** A sentence for each variable of that form that nobody asked for. */
  unknown(form: RegExp): readonly string[] {
    const strangers = Object.keys(this.env).filter((name) => form.test(name) && this.env[name] !== undefined && !this.known.has(name));
    return strangers.map((name) => `${name} is not a variable that Sallyport knows.`);
  }
}
