/** What has to be undone at the end, last thing first. */
export class StopList {
  private readonly stops: { readonly what: string; readonly stop: () => Promise<void> }[] = [];

  add(what: string, stop: () => Promise<void>): void {
    this.stops.push({ what, stop });
  }

  /** Undoes everything once, going on after a failure. @throws {AggregateError} naming each part that did not stop. */
  async run(): Promise<void> {
    const failures: Error[] = [];
    for (const { what, stop } of this.stops.splice(0).reverse()) {
      await stop().catch((cause: unknown) => failures.push(new Error(`${what} did not stop`, { cause })));
    }
    if (failures.length > 0) throw new AggregateError(failures, failures.map(({ message }) => message).join('; '));
  }
}
