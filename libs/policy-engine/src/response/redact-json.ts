import type { PathStep, RedactAction } from '../document.js';
import { inside, ROOT_PLACE, type JsonPlace } from './json-place.js';
import { JsonText, NotJson, type JsonSpan } from './json-text.js';
import { MemberGaps, type Edit } from './member-gaps.js';
import { maskText } from './mask-text.js';
import type { KeyedHash, TextRedactor } from './redact-text.js';
import { stricter, type PlannedPath } from './redaction-plan.js';
import { readBlob } from './text-blob.js';

const MAX_LEVELS = 64;
const MAX_TEXTS_IN_TEXTS = 3;
const COUNTED_NUMBER = /^\d{8,}$/;
const BEGINS_JSON = /^\s{0,64}[{[]/;
const LIST_INDEX = /^(?:0|[1-9]\d*)$/;

/** One value that was replaced or removed, or held something that was. */
export interface Replaced {
  readonly place: JsonPlace;
  readonly ruleId: string;
  readonly action: RedactAction;
}

/** What a value's surroundings say about it. */
export interface ValueContext {
  readonly place: JsonPlace;
  /** The paths that may still lead to it or into it, each with the steps left to go. */
  readonly paths: readonly WaitingPath[];
  readonly name: string | undefined;
}

interface WaitingPath {
  readonly path: PlannedPath;
  readonly step: number;
}

interface Member {
  readonly key: string;
  readonly value: JsonSpan;
  readonly context: ValueContext;
}

/** What redacting works with. */
export interface JsonRedaction {
  readonly texts: TextRedactor;
  readonly hash: KeyedHash;
  readonly report: (replaced: Replaced) => void;
  /** How many texts lie around this one. */
  readonly depth: number;
  /** A member of the result that is left as it is, in the outermost text. */
  readonly untouched: string;
}

/**
 * Redacts values of one JSON text in one pass and leaves every other byte as it was, numbers of any size and unknown
 * members included. Keys are looked at like texts. JSON inside a text is read as JSON, three texts deep.
 */
export class JsonRedactor {
  private readonly json: JsonText;
  private readonly edits: Edit[] = [];

  constructor(
    text: string,
    private readonly how: JsonRedaction,
  ) {
    this.json = new JsonText(text);
  }

  /** The reader, for who looks at the outermost object itself. */
  get reader(): JsonText {
    return this.json;
  }

  /** The text with all edits made; undefined where there is none. */
  result(): string | undefined {
    if (this.edits.length === 0) return undefined;
    const { text } = this.json;
    let result = '';
    let from = 0;
    for (const edit of this.edits.sort((left, right) => left.start - right.start || right.end - left.end)) {
      if (edit.start < from) continue;
      result += text.slice(from, edit.start) + edit.text;
      from = edit.end;
    }
    return result + text.slice(from);
  }

  /** Passes one value and redacts in it. True where a path asks that the value itself be taken out, which is the caller's to do. */
  value(context: ValueContext): boolean {
    if (context.place.level > MAX_LEVELS) throw new NotJson();
    const matched = context.paths.filter(({ path, step }) => step === path.steps.length).map(({ path }) => path);
    const first = matched[0];
    if (first !== undefined) return this.replaceWhole(matched.reduce(stricter, first), context);
    const next = this.json.peek();
    if (next === '{') this.object(context);
    else if (next === '[') this.list(context);
    else if (next === '"') this.text(this.json.string(), context);
    else this.number(this.json.scalar(), context);
    return false;
  }

  /** Passes one value at a level without looking for anything in it. */
  skip(level: number): JsonSpan {
    if (level > MAX_LEVELS) throw new NotJson();
    const next = this.json.peek();
    const start = this.json.position;
    if (next === '{') this.members(() => this.skip(level + 1));
    else if (next === '[') this.elements(() => this.skip(level + 1));
    else if (next === '"') this.json.string();
    else this.json.scalar();
    return { start, end: this.json.position };
  }

  /** Passes an object and hands over each member's name; the caller passes the value. */
  eachMember(each: (name: string) => void): void {
    this.members((_, name) => each(name));
  }

  private object(context: ValueContext): void {
    const blobs: Member[] = [];
    const said = new Map<string, string>();
    const gaps = new MemberGaps();
    this.members((span, key) => {
      const member = this.memberContext(context, this.shownKey(span, key, context), key);
      const isText = this.json.peek() === '"';
      const isAsked = member.paths.some(({ path, step }) => step === path.steps.length);
      if (this.isUntouched(key, context)) this.skip(member.place.level);
      else if (isText && !isAsked && (key === 'data' || key === 'blob')) blobs.push({ key, value: this.json.string(), context: member });
      else if (isText && !isAsked && (key === 'type' || key === 'mimeType')) said.set(key, this.saidText(member));
      else if (this.value(member)) gaps.removed(span.start, this.json.position);
      gaps.passed(this.json);
    });
    this.edits.push(...gaps.edits());
    for (const blob of blobs) this.blob(blob, said);
  }

  private list(context: ValueContext): void {
    const gaps = new MemberGaps();
    this.elements((index) => {
      const start = this.json.position;
      if (this.value(elementContext(context, index))) gaps.removed(start, this.json.position);
      gaps.passed(this.json);
    });
    this.edits.push(...gaps.edits());
  }

  private members(each: (key: JsonSpan, name: string) => void): void {
    this.json.expect('{');
    if (this.json.take('}')) return;
    do {
      const key = this.json.string();
      this.json.expect(':');
      each(key, this.json.decode(key));
    } while (this.json.take(','));
    this.json.expect('}');
  }

  private elements(each: (index: number) => void): void {
    this.json.expect('[');
    if (this.json.peek() === ']') return this.json.expect(']');
    let index = 0;
    do {
      this.json.peek();
      each(index);
      index += 1;
    } while (this.json.take(','));
    this.json.expect(']');
  }

  /** The key as pointers may show it: what is found in it is replaced there and in the text. */
  private shownKey(span: JsonSpan, key: string, context: ValueContext): string {
    const redacted = this.how.texts.redactKey(key);
    if (redacted === undefined) return key;
    this.edits.push({ ...span, text: JSON.stringify(redacted.text) });
    const place = inside(context.place, redacted.text);
    for (const hit of redacted.hits) this.how.report({ place, ruleId: hit.ruleId, action: hit.action });
    return redacted.text;
  }

  private isUntouched(key: string, { place }: ValueContext): boolean {
    return this.how.depth === 0 && place.level === 1 && key === this.how.untouched;
  }

  private memberContext(context: ValueContext, shown: string, key: string): ValueContext {
    return { place: inside(context.place, shown), paths: advanced(context.paths, (step) => (step.kind === 'key' && step.key === key) || (step.kind === 'token' && step.token === key)), name: key };
  }

  private saidText(context: ValueContext): string {
    const span = this.json.string();
    this.text(span, context);
    return this.json.decode(span);
  }

  private text(span: JsonSpan, context: ValueContext): void {
    const text = this.json.decode(span);
    const redacted = this.textInside(text, context) ?? this.plainText(text, context);
    if (redacted !== undefined && redacted !== text) this.edits.push({ ...span, text: JSON.stringify(redacted) });
  }

  private plainText(text: string, { place, name }: ValueContext): string | undefined {
    const redacted = this.how.texts.redact(text, name);
    for (const hit of redacted?.hits ?? []) this.how.report({ place, ruleId: hit.ruleId, action: hit.action });
    return redacted?.text;
  }

  /** A text that is JSON itself, redacted as JSON; undefined where it is none. Its finds are told by the place of the whole text. */
  private textInside(text: string, { place, name }: ValueContext): string | undefined {
    if (this.how.depth >= MAX_TEXTS_IN_TEXTS || !BEGINS_JSON.test(text)) return undefined;
    const finds: Replaced[] = [];
    const redactor = new JsonRedactor(text, { ...this.how, depth: this.how.depth + 1, report: (find) => finds.push({ ...find, place }) });
    try {
      redactor.value({ place: ROOT_PLACE, paths: [], name });
      if (redactor.reader.peek() !== '') return undefined;
    } catch (caught) {
      if (caught instanceof NotJson) return undefined;
      throw caught;
    }
    for (const find of finds) this.how.report(find);
    return redactor.result() ?? text;
  }

  private number(span: JsonSpan, context: ValueContext): void {
    const text = this.json.text.slice(span.start, span.end);
    const redacted = COUNTED_NUMBER.test(text) ? this.plainText(text, context) : undefined;
    if (redacted !== undefined) this.edits.push({ ...span, text: JSON.stringify(redacted) });
  }

  private blob({ key, value, context }: Member, said: ReadonlyMap<string, string>): void {
    const isMedia = key === 'blob' || said.get('type') === 'image' || said.get('type') === 'audio';
    const reading = isMedia ? readBlob(this.json.decode(value), said.get('mimeType') ?? '') : { kind: 'plain' as const };
    if (reading.kind === 'plain') return this.text(value, context);
    if (reading.kind === 'data') return;
    const redacted = this.textInside(reading.blob.text, context) ?? this.plainText(reading.blob.text, context);
    if (redacted !== undefined && redacted !== reading.blob.text) this.edits.push({ ...value, text: JSON.stringify(reading.blob.write(redacted)) });
  }

  private replaceWhole(path: PlannedPath, { place }: ValueContext): boolean {
    this.how.report({ place, ruleId: path.ruleId, action: path.action });
    if (path.action === 'mask') this.maskWhole(place.level);
    else this.hashWhole(place.level, path.action === 'hash');
    return path.action === 'remove';
  }

  private hashWhole(level: number, isHashed: boolean): void {
    const isText = this.json.peek() === '"';
    const span = this.skip(level);
    if (!isHashed) return;
    const value = isText ? this.json.decode(span) : this.json.text.slice(span.start, span.end);
    this.edits.push({ ...span, text: JSON.stringify(`[path:${this.how.hash(value)}]`) });
  }

  /** Masks every text, number and truth value in a value, false as long as true; its lists, objects and keys stay. */
  private maskWhole(level: number): void {
    if (level > MAX_LEVELS) throw new NotJson();
    const next = this.json.peek();
    if (next === '{') return this.members(() => this.maskWhole(level + 1));
    if (next === '[') return this.elements(() => this.maskWhole(level + 1));
    const span = next === '"' ? this.json.string() : this.json.scalar();
    const value = next === '"' ? this.json.decode(span) : this.json.text.slice(span.start, span.end);
    if (value === 'null' && next !== '"') return;
    this.edits.push({ ...span, text: JSON.stringify(next === 'f' ? '****' : maskText('path', value)) });
  }
}

function elementContext(context: ValueContext, index: number): ValueContext {
  const paths = advanced(context.paths, (step) => step.kind === 'each' || (step.kind === 'index' && step.index === index) || (step.kind === 'token' && LIST_INDEX.test(step.token) && Number(step.token) === index));
  return { place: inside(context.place, index), paths, name: context.name };
}

function advanced(paths: readonly WaitingPath[], isTaken: (step: PathStep) => boolean): readonly WaitingPath[] {
  return paths.flatMap(({ path, step }) => {
    const next = path.steps[step];
    return next !== undefined && isTaken(next) ? [{ path, step: step + 1 }] : [];
  });
}
