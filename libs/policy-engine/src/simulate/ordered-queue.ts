interface Entry<Item> {
  readonly atMs: number;
  readonly item: Item;
}

/** Items by the time they are due; the earliest comes out first. A binary heap: adding and taking cost the logarithm of what is held. */
export class OrderedQueue<Item> {
  private readonly heap: Entry<Item>[] = [];

  add(atMs: number, item: Item): void {
    this.heap.push({ atMs, item });
    let at = this.heap.length - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.swapIfLater(parent, at)) return;
      at = parent;
    }
  }

  /** Takes the earliest item that is due by then; undefined when none is. */
  takeDue(atMs: number): Item | undefined {
    const [first] = this.heap;
    if (first === undefined || first.atMs > atMs) return undefined;
    const last = this.heap.pop();
    if (last !== undefined && this.heap.length > 0) {
      this.heap[0] = last;
      this.sink();
    }
    return first.item;
  }

  private sink(): void {
    let at = 0;
    for (;;) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      const smaller = this.timeAt(right) < this.timeAt(left) ? right : left;
      if (smaller >= this.heap.length || !this.swapIfLater(at, smaller)) return;
      at = smaller;
    }
  }

  private timeAt(at: number): number {
    return this.heap[at]?.atMs ?? Infinity;
  }

  private swapIfLater(above: number, below: number): boolean {
    const [a, b] = [this.heap[above], this.heap[below]];
    if (a === undefined || b === undefined || a.atMs <= b.atMs) return false;
    this.heap[above] = b;
    this.heap[below] = a;
    return true;
  }
}
