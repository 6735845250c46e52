import type { Heap as Order } from './heap.ts';
import { Heap } from './heap.ts';
import type { GraphNode } from './node.ts';

/**
 * Dependents counted for a place in the order. It only breaks ties, so that a task with thousands
 * need not be counted to the end at every change.
 */
const COUNTED_FOR_ORDER = 64;

/**
 * Dependents counted for the terms of a priority. More of them say nothing new, and a decision that
 * walked all of 10,000 tasks for each task that it starts would take a fifth of a second.
 */
const MOST_COUNTED = 1_000;

/**
 * Remaining paths, the longest of them, and numbers of dependents. Changes are noted at once and
 * worked in together at the next `refresh`, upwards from what changed and only as far as it matters.
 */
export class Paths {
  private readonly order: Order<GraphNode>;
  /** Nodes whose path may have changed; short paths first, so that each is worked out about once. */
  private readonly touched = new Heap<GraphNode>(
    (a, b) => a.pathMs - b.pathMs || a.number - b.number,
  );
  /** Nodes that gained or lost dependents. */
  private readonly grown = new Set<GraphNode>();
  /** Ready nodes whose place in the order may be wrong. */
  private readonly misplaced = new Set<GraphNode>();
  /** Nodes with nothing before them: a longest path begins at one of these. */
  private readonly sources = new Heap<GraphNode>(
    (a, b) => b.pathMs - a.pathMs || a.number - b.number,
  );
  private walks = 0;

  /** `order` holds the ready nodes; it is told when a node's key changes. */
  constructor(order: Order<GraphNode>) {
    this.order = order;
  }

  /** A node has come in; its edges are joined already. */
  insert(node: GraphNode): void {
    node.pathMs = pathOf(node);
    this.touched.update(node);
    if (node.before.size === 0) this.sources.push(node);
  }

  /** The node is about to enter the order. */
  entersOrder(node: GraphNode): void {
    this.misplaced.add(node);
  }

  join(before: GraphNode, after: GraphNode): void {
    if (before.after.has(after)) return;
    before.after.add(after);
    after.before.add(before);
    this.sources.delete(after);
    this.touch(before);
    this.grown.add(before);
  }

  remove(node: GraphNode): void {
    for (const before of node.before) {
      before.after.delete(node);
      this.touch(before);
      this.grown.add(before);
    }
    for (const after of node.after) {
      after.before.delete(node);
      if (after.before.size === 0) this.sources.push(after);
    }
    this.sources.delete(node);
    this.touched.delete(node);
    this.grown.delete(node);
    this.misplaced.delete(node);
  }

  /** The node's path has to be worked out again. */
  touch(node: GraphNode): void {
    this.touched.push(node);
  }

  /** Works in all that was noted. */
  refresh(): void {
    for (let node = this.touched.pop(); node; node = this.touched.pop()) {
      const pathMs = pathOf(node);
      if (pathMs === node.pathMs) continue;
      node.pathMs = pathMs;
      this.order.update(node);
      this.sources.update(node);
      for (const before of node.before) this.touched.push(before);
    }
    this.forgetCounts();
    for (const node of this.misplaced) {
      const count = node.dependents ?? this.count(node, COUNTED_FOR_ORDER);
      node.orderedDependents = Math.min(count, COUNTED_FOR_ORDER);
      this.order.update(node);
    }
    this.misplaced.clear();
  }

  /** Open tasks that depend on the node, directly or not, counted up to {@link MOST_COUNTED}. */
  dependents(node: GraphNode): number {
    node.dependents ??= this.count(node, MOST_COUNTED);
    return node.dependents;
  }

  /** The node with the longest path. */
  longest(): GraphNode | undefined {
    return this.sources.peek();
  }

  /** The longest path; among equal ones the lower numbers. */
  critical(): GraphNode[] {
    const path: GraphNode[] = [];
    for (let node = this.longest(); node; node = longestAfter(node)) path.push(node);
    return path;
  }

  /** Everything above a node that gained or lost dependents has to be counted again. */
  private forgetCounts(): void {
    this.walks += 1;
    const stack = [...this.grown];
    this.grown.clear();
    for (let node = stack.pop(); node; node = stack.pop()) {
      if (node.visit === this.walks) continue;
      node.visit = this.walks;
      node.dependents = null;
      if (this.order.has(node)) this.misplaced.add(node);
      stack.push(...node.before);
    }
  }

  private count(from: GraphNode, limit: number): number {
    this.walks += 1;
    let count = 0;
    const stack = [from];
    for (let node = stack.pop(); node; node = stack.pop()) {
      for (const after of node.after) {
        if (after.visit === this.walks) continue;
        after.visit = this.walks;
        count += 1;
        if (count === limit) return limit;
        stack.push(after);
      }
    }
    return count;
  }
}

function pathOf(node: GraphNode): number {
  let behindMs = 0;
  for (const after of node.after) behindMs = Math.max(behindMs, after.pathMs);
  return node.estimateMs + behindMs;
}

function longestAfter(node: GraphNode): GraphNode | undefined {
  let best: GraphNode | undefined;
  for (const after of node.after) {
    const better =
      !best ||
      after.pathMs > best.pathMs ||
      (after.pathMs === best.pathMs && after.number < best.number);
    if (better) best = after;
  }
  return best;
}
