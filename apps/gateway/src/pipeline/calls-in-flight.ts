import type { IdentityId } from '@sallyport/kernel';
import type { RpcId } from '@sallyport/mcp-protocol';

/** A relayed request that must be over at some time. */
export interface TimedCall {
  /** Its place while it is watched, else −1. Only `CallsInFlight` writes it. */
  place: number;
  /** In the monotonic clock's milliseconds; `Infinity` for streams that may rest. */
  readonly deadlineMs: number;
  /** Its time is up: it ends itself, with an answer to the client. */
  onDeadline(): void;
  /** Whether it is the request of this id that this client may cancel by a notification. Absent: nobody may. */
  isCancelledBy?(client: string, id: RpcId): boolean;
  /** Its client cancelled it: it ends itself, and no answer is owed. */
  onCancelled?(): void;
}

/**
 * Every call under way on this worker: how many each identity has, which are late, and when the last one has ended.
 *
 * Calls are watched in an array and know their place in it. A `Set` that every call enters and leaves is rebuilt again and again, and in
 * V8 each dead table points to its successor: once one is old, all that follow, and the calls in them, live until a full collection.
 */
export class CallsInFlight {
  private readonly timed: TimedCall[] = [];
  private readonly byIdentity = new Map<IdentityId, number>();
  private count = 0;
  private idle: (() => void) | undefined;

  constructor(private readonly perIdentity: number) {}

  get size(): number {
    return this.count;
  }

  /** Whether one more call of this identity would be too many. */
  isFull(identityId: IdentityId): boolean {
    return (this.byIdentity.get(identityId) ?? 0) >= this.perIdentity;
  }

  /** Counts a call until `leave`, which is called once for each `enter`. */
  enter(identityId: IdentityId): void {
    this.count += 1;
    this.byIdentity.set(identityId, (this.byIdentity.get(identityId) ?? 0) + 1);
  }

  leave(identityId: IdentityId): void {
    this.count -= 1;
    const left = (this.byIdentity.get(identityId) ?? 1) - 1;
    if (left === 0) this.byIdentity.delete(identityId);
    else this.byIdentity.set(identityId, left);
    if (this.count === 0) this.idle?.();
  }

  /** Watches a call's time until `unwatch`. */
  watch(call: TimedCall): void {
    call.place = this.timed.length;
    this.timed.push(call);
  }

  unwatch(call: TimedCall): void {
    const { place } = call;
    if (place < 0) return;
    call.place = -1;
    const last = this.timed.pop();
    if (last === undefined || last === call) return;
    this.timed[place] = last;
    last.place = place;
  }

  /** Tells every late call that its time is up. */
  endLate(nowMs: number): void {
    for (const call of [...this.timed]) if (nowMs > call.deadlineMs) call.onDeadline();
  }

  /**
   * Cancels a client's request by its id. Nothing is cancelled when the client has none of that id under way, or several: clients
   * that share a credential without sessions may use the same ids, and none may end another's request.
   */
  cancel(client: string, id: RpcId): void {
    const meant = this.timed.filter((call) => call.isCancelledBy?.(client, id) === true);
    if (meant.length === 1) meant[0]?.onCancelled?.();
  }

  /** Tells every call that its time is up, whatever its deadline. */
  endAll(): void {
    for (const call of [...this.timed]) call.onDeadline();
  }

  /** Resolves when no call is under way, or after `withinMs`. */
  drained(withinMs: number): Promise<void> {
    if (this.count === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, withinMs);
      this.idle = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
