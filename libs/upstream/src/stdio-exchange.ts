import type { FrameSpans } from '@sallyport/mcp-protocol';

import { spanAt } from './json-span.js';
import { splice, type Replacement } from './splice.js';
import type { StdioHandler } from './stdio-call.js';

/** A client's request, scanned: its bytes and where its id and progress token lie. A `Frame` with its body fits. */
export interface StdioRequest {
  readonly bytes: Buffer;
  readonly spans: Pick<FrameSpans, 'id' | 'progressToken'>;
}

const SUBSCRIPTION_ID = ['params', '_meta', 'io.modelcontextprotocol/subscriptionId'] as const;
const PROGRESS_TOKEN = ['params', 'progressToken'] as const;

/**
 * The request-id space of one process. Clients choose ids as they like (claude.ai always sends 1), so each request travels under a number of
 * our own, which also stands in for its progress token and its subscription; what comes back gets the client's own texts again.
 */
export class StdioExchange {
  readonly bytes: Buffer;
  private readonly idText: string;
  private readonly tokenText: string | undefined;

  constructor(
    readonly id: number,
    request: StdioRequest,
    readonly handler: StdioHandler,
  ) {
    const { id: idSpan, progressToken } = request.spans;
    const text = String(id);
    const replacements: Replacement[] = [];
    if (idSpan !== null) replacements.push({ span: idSpan, text });
    if (progressToken !== null) replacements.push({ span: progressToken, text });
    this.idText = idSpan === null ? 'null' : request.bytes.toString('utf8', idSpan.start, idSpan.end);
    this.tokenText = progressToken === null ? undefined : request.bytes.toString('utf8', progressToken.start, progressToken.end);
    this.bytes = onOneLine(splice(request.bytes, replacements));
  }

  /** A response with the client's id; undefined when the id cannot be replaced without doubt. */
  restoreId(bytes: Buffer): Buffer | undefined {
    return restored(bytes, ['id'], this.idText);
  }

  /** A progress notification with the client's token; undefined when the client gave none. */
  restoreToken(bytes: Buffer): Buffer | undefined {
    return this.tokenText === undefined ? undefined : restored(bytes, PROGRESS_TOKEN, this.tokenText);
  }

  /** A notification of a `subscriptions/listen` with the client's id. */
  restoreSubscription(bytes: Buffer): Buffer | undefined {
    return restored(bytes, SUBSCRIPTION_ID, this.idText);
  }
}

function restored(bytes: Buffer, path: readonly string[], text: string): Buffer | undefined {
  const span = spanAt(bytes, path);
  return span === undefined ? undefined : splice(bytes, [{ span, text }]);
}

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const SPACE = 0x20;

/** A line break in JSON can only stand between tokens, where a blank means the same; on stdio it would end the message. */
export function onOneLine(bytes: Buffer): Buffer {
  if (!bytes.includes(NEWLINE) && !bytes.includes(RETURN)) return bytes;
  const copy = Buffer.from(bytes);
  for (let at = 0; at < copy.length; at += 1) {
    if (copy[at] === NEWLINE || copy[at] === RETURN) copy[at] = SPACE;
  }
  return copy;
}
