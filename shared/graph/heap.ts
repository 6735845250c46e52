/** So many changes at most are fitted into an order that was read before; with more it is found anew. */
const MOST_FITTED = 64;

/**
 * A binary heap whose items can be removed and moved, and which can be read in order without
 * being emptied. Change one item's key at a time and call `update` at once.
 */
export class Heap<T> {
  private readonly items: T[] = [];
  private readonly position = new Map<T, number>();
  private readonly compare: (a: T, b: T) => number;
  /** All items in order as they were when they were last read to the end, and those that changed since. */
  private last: { readonly order: T[]; readonly changed: Set<T> } | null = null;

  /** `compare` must be a total order for the order of equal items to be deterministic. */
  constructor(compare: (a: T, b: T) => number) {
    this.compare = compare;
  }

  get size(): number {
    return this.items.length;
  }

  has(item: T): boolean {
    return this.position.has(item);
  }

  peek(): T | undefined {
    return this.items[0];
  }

  push(item: T): void {
    if (this.position.has(item)) return;
    this.items.push(item);
    this.note(item);
    this.position.set(item, this.items.length - 1);
    this.up(this.items.length - 1);
  }

  pop(): T | undefined {
    const first = this.items[0];
    if (first !== undefined) this.delete(first);
    return first;
  }

  delete(item: T): void {
    const at = this.position.get(item);
    if (at === undefined) return;
    this.position.delete(item);
    this.note(item);
    const last = this.items.pop();
    if (last === undefined || last === item) return;
    this.place(last, at);
    this.down(this.up(at));
  }

  /** Moves an item whose key has changed; does nothing for one that is not in the heap. */
  update(item: T): void {
    const at = this.position.get(item);
    if (at === undefined) return;
    this.note(item);
    this.down(this.up(at));
  }

  /**
   * The items in order; the heap must not change meanwhile. Costs O(log n) for each one taken, and once all were
   * taken O(n) for all of them as long as little changes: who asks is mostly the same who asked a moment ago.
   */
  *ordered(): Generator<T, undefined, undefined> {
    if (this.last === null) yield* this.inOrder();
    else yield* this.fitted(this.last);
  }

  /** The order that was read before, with what changed since in its place. */
  private fitted({ order, changed }: { readonly order: T[]; readonly changed: Set<T> }): T[] {
    if (changed.size === 0) return order;
    const now = order.filter((item) => !changed.has(item));
    for (const item of changed) {
      if (!this.position.has(item)) continue;
      let [low, high] = [0, now.length];
      while (low < high) {
        const middle = (low + high) >> 1;
        const other = now[middle];
        if (other !== undefined && this.compare(other, item) < 0) low = middle + 1;
        else high = middle;
      }
      now.splice(low, 0, item);
    }
    this.last = { order: now, changed: new Set() };
    return now;
  }

  private note(item: T): void {
    if (this.last === null) return;
    this.last.changed.add(item);
    if (this.last.changed.size > MOST_FITTED) this.last = null;
  }

  private *inOrder(): Generator<T, undefined, undefined> {
    const order: T[] = [];
    const frontier = new Heap<number>((a, b) => this.compareAt(a, b));
    if (this.items.length > 0) frontier.push(0);
    for (let at = frontier.pop(); at !== undefined; at = frontier.pop()) {
      const item = this.items[at];
      if (item === undefined) return;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < this.items.length) frontier.push(child);
      }
      order.push(item);
      yield item;
    }
    this.last = { order, changed: new Set() };
  }

  private compareAt(a: number, b: number): number {
    const [first, second] = [this.items[a], this.items[b]];
    return first === undefined || second === undefined ? a - b : this.compare(first, second);
  }

  private place(item: T, at: number): void {
    this.items[at] = item;
    this.position.set(item, at);
  }

  private swap(a: number, b: number): void {
    const [first, second] = [this.items[a], this.items[b]];
    if (first === undefined || second === undefined) return;
    this.place(first, b);
    this.place(second, a);
  }

  private up(at: number): number {
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.compareAt(at, parent) >= 0) break;
      this.swap(at, parent);
      at = parent;
    }
    return at;
  }

  private down(at: number): void {
    for (;;) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < this.items.length && this.compareAt(child, least) < 0) least = child;
      }
      if (least === at) return;
      this.swap(at, least);
      at = least;
    }
  }
}
