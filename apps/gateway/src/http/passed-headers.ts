/** What of a request's headers is looked at beside those a decision rests on. */
export interface PassedHeaders {
  readonly contentEncoding: string | null;
  /** Trace context (W3C), names in lower case and values in turn; goes upstream as it came. */
  readonly trace: readonly string[];
}

const NO_TRACE: readonly string[] = [];
const CONTENT_ENCODING = 'content-encoding';
const TRACE = new Set(['traceparent', 'tracestate', 'baggage']);
/** By length: whether a header so long may be one of them. */
const MAY_BE: readonly boolean[] = Array.from({ length: CONTENT_ENCODING.length + 1 }, (_, length) => [CONTENT_ENCODING, ...TRACE].some((name) => name.length === length));

/** Reads Node's `rawHeaders` once, without making it build an object of all headers. */
export function passedHeaders(rawHeaders: readonly string[]): PassedHeaders {
  let contentEncoding: string | null = null;
  let trace: string[] | undefined;
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const raw = rawHeaders[at] ?? '';
    if (MAY_BE[raw.length] !== true) continue;
    const name = raw.toLowerCase();
    if (name === CONTENT_ENCODING) contentEncoding = `${contentEncoding === null ? '' : `${contentEncoding}, `}${rawHeaders[at + 1] ?? ''}`;
    else if (TRACE.has(name)) (trace ??= []).push(name, rawHeaders[at + 1] ?? '');
  }
  return { contentEncoding, trace: trace ?? NO_TRACE };
}
