import type { JsonSpan, JsonText } from './json-text.js';

/** A stretch of a text and what takes its place. */
export interface Edit extends JsonSpan {
  readonly text: string;
}

/** Takes members or elements out of a list of them, each with the one comma that goes with it. */
export class MemberGaps {
  private readonly found: Edit[] = [];
  private keepsOne = false;
  private pending: JsonSpan | undefined;
  private comma = -1;

  /** The member just passed is to go. */
  removed(start: number, end: number): void {
    this.pending = { start, end };
  }

  /** Called once each member is passed, before the comma that may follow it. */
  passed(json: JsonText): void {
    const isLast = json.peek() !== ',';
    const { pending, comma } = this;
    this.pending = undefined;
    this.comma = json.position;
    if (pending === undefined) this.keepsOne = true;
    else if (this.keepsOne) this.found.push({ start: comma, end: pending.end, text: '' });
    else this.found.push({ start: pending.start, end: isLast ? pending.end : json.position + 1, text: '' });
  }

  edits(): readonly Edit[] {
    return this.found;
  }
}
