import type { RemovedPart } from '@sallyport/audit';
import { filterMessage, type FilterContext, type RemovedValue, type ResponseFilter } from '@sallyport/policy-engine';

import { denialOf } from './decide-call.js';
import type { Denial } from './decision.js';
import type { AnswerTold } from './open-call.js';

/** Places told in a record, and the length of each: a record stays small whatever an upstream sends. */
const MOST_TOLD = 32;
const LONGEST_POINTER = 128;
/** NUL, and half a surrogate pair: no store keeps them. */
const UNKEEPABLE = /[\0\p{Cs}]/gu;

/** The rules about answers at work on one call's answer, message by message. */
export class AnswerFilter {
  private readonly removed: RemovedPart[] = [];
  private removedCount = 0;
  private held: Buffer[] = [];
  private heldBytes = 0;

  constructor(
    private readonly filter: ResponseFilter,
    private readonly context: FilterContext,
  ) {}

  /** The most of one message that may come. */
  get maxBytes(): number {
    return this.filter.maxBytes;
  }

  /** The refusal of a larger one. */
  get tooLarge(): Denial {
    return denialOf(this.filter.tooLarge);
  }

  /** Asks the rules about one whole message: what goes on instead of it (the very bytes where nothing was found), or why it does not. */
  pass(message: Buffer): Buffer | Denial {
    const filtered = filterMessage(this.filter, message, this.context);
    switch (filtered.kind) {
      case 'unchanged':
        return message;
      case 'denied':
        return denialOf(filtered.denial);
      case 'rewritten':
        this.note(filtered.removed, filtered.removedCount);
        return Buffer.from(filtered.message);
    }
  }

  /** Takes a part of a large body: the bytes that may go on now, perhaps none, or why nothing of it does any more. */
  passPart(chunk: Buffer): Buffer | undefined | Denial {
    this.heldBytes += chunk.length;
    if (this.heldBytes > this.filter.maxBytes) {
      this.held = [];
      return this.tooLarge;
    }
    if (this.filter.handling === 'counted') return chunk;
    this.held.push(chunk);
    return undefined;
  }

  /** Of a body that came in parts, what was held of it, whole; `undefined` where its parts went on. */
  heldBody(): Buffer | undefined {
    return this.filter.handling === 'counted' ? undefined : Buffer.concat(this.held);
  }

  /** For the record. */
  told(withheldBy: string | null = null): AnswerTold {
    return { answerRuleId: withheldBy, removed: this.removed, removedCount: this.removedCount };
  }

  private note(removed: readonly RemovedValue[], count: number): void {
    this.removedCount += count;
    for (const { pointer, ruleId, action } of removed.slice(0, MOST_TOLD - this.removed.length)) {
      this.removed.push({ pointer: pointer.slice(0, LONGEST_POINTER).replace(UNKEEPABLE, '\ufffd'), ruleId, action });
    }
  }
}
