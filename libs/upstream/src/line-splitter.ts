const NEWLINE = 0x0a;

/** Who hears the lines. */
export interface LineListener {
  /** One line without its newline. */
  onLine(line: Buffer): void;
  /** A line longer than the bound was thrown away; called once for it. */
  onOverlong(): void;
}

/** Cuts a byte stream into lines, holding at most one line of `maxBytes`. */
export class LineSplitter {
  private parts: Buffer[] = [];
  private held = 0;
  private skipping = false;

  constructor(
    private readonly maxBytes: number,
    private readonly listener: LineListener,
  ) {}

  push(chunk: Buffer): void {
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, from)) {
      this.keep(chunk.subarray(from, end));
      this.finish();
      from = end + 1;
    }
    if (from < chunk.length) this.keep(chunk.subarray(from));
  }

  private keep(part: Buffer): void {
    if (this.skipping) return;
    this.held += part.length;
    this.parts.push(part);
    if (this.held <= this.maxBytes) return;
    this.skipping = true;
    this.parts = [];
    this.listener.onOverlong();
  }

  private finish(): void {
    const [only] = this.parts;
    const line = this.parts.length === 1 && only !== undefined ? only : Buffer.concat(this.parts);
    const skipped = this.skipping;
    this.parts = [];
    this.held = 0;
    this.skipping = false;
    if (!skipped && line.length > 0) this.listener.onLine(line);
  }
}
