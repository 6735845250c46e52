import * as Y from 'yjs';
import { encodeMessage } from '../../electron/mesh/document/message.ts';
import { encodeRegister } from '../../electron/mesh/document/storedRegister.ts';
import type { Channel } from '../../electron/mesh/link.ts';
import { encode, sealBytes } from '../../electron/mesh/log/messages.ts';
import { chainHash } from '../../electron/store/chain.ts';
import type { MemberStatement, SignedStatement } from '../../shared/model/member.ts';
import { SignedValue, type Register } from '../../shared/model/register.ts';
import { currentAttempt, statusOf } from '../../shared/world/status.ts';
import { identityOf } from './members.ts';
import type { SimNode } from './node.ts';
import type { Step } from './schedule.ts';
import type { Simulation } from './simulation.ts';
import { budgetOf } from './spending.ts';

/** What is told in another's name. */
export const FORGERIES = [
  'verdict',
  'answer',
  'cancelled',
  'budget',
  'pause',
  'drain',
  'statement',
  'range',
  'replay',
] as const;
export type Forgery = (typeof FORGERIES)[number];

/** By whose hand: the forger's own, the other's but for something else, or nobody's. */
export const SEALS = ['own', 'borrowed', 'none'] as const;
export type Seal = (typeof SEALS)[number];

type ForgeStep = Extract<Step, { kind: 'forge' }>;

/** Between two lies, ms: each ends a link or is read by everyone. */
const EVERY_MS = 700;
/** A signature of nobody, of the length of a real one. */
const NO_SIGNATURE = Buffer.alloc(64).toString('base64url');
/** Places in a log and clocks that nobody comes to in a run. */
const FAR = 1_000_000;
/** Ids by which no process of a node writes to the document. */
const CLIENTS = 2_000_000_000;
const SETTINGS = 'policy/fleet';
const TOKENS = 7_777;

/**
 * A member that runs the product and, beside it, says things in another's name on its links, for a while: with the
 * right key for its links and the wrong one for what it says.
 */
export class Forger {
  readonly #sim: Simulation;
  readonly #node: SimNode;
  readonly #as: SimNode;
  readonly #step: ForgeStep;
  readonly #untilMs: number;
  /** What each was said of already. */
  readonly #said = new Set<string>();
  /** What others really set, as it was heard. */
  readonly #heard = new Map<string, Register>();

  constructor(sim: Simulation, step: ForgeStep, node: SimNode, as: SimNode) {
    this.#sim = sim;
    this.#step = step;
    this.#node = node;
    this.#as = as;
    this.#untilMs = sim.scheduler.nowMs + step.forMs;
    sim.forgers.add(node.id);
  }

  /** Lies when there is something to lie about, again and again. */
  start(): void {
    const { scheduler } = this.#sim;
    if (scheduler.nowMs > this.#untilMs) return;
    const { process, ready } = this.#node;
    if (ready && process?.frozenSinceMs === null) scheduler.after(0, process, () => this.#lie());
    scheduler.after(EVERY_MS, null, () => this.start());
  }

  #lie(): void {
    const { ledger, commons } = this.#node;
    if (!ledger || !commons) return;
    for (const each of commons.document.read(SETTINGS)) this.#hear(each);
    const { what } = this.#step;
    switch (what) {
      case 'verdict':
        return this.#approve();
      case 'answer':
        for (const { id, answer } of ledger.world.supply.approvals)
          if (answer === null) this.#write(`approval/${id}`, 'answer', 1, 'approved');
        return;
      case 'cancelled': {
        const [task] = ledger.world.tasks.keys();
        const value = { who: 'user', reason: '', atMs: ledger.nowMs() };
        if (task) this.#write(`task/${task}`, 'cancelled', 1, value);
        return;
      }
      case 'budget': {
        const budget = budgetOf(this.#sim.capUsd, TOKENS);
        this.#write(SETTINGS, 'budget', FAR, { budget, approval: null, before: budget });
        return;
      }
      case 'pause': {
        const value = { by: 'human', who: 'user', reason: '', untilMs: null };
        this.#write(SETTINGS, 'pause', FAR, value);
        return;
      }
      case 'drain':
        for (const { id } of this.#sim.nodes)
          this.#write(`node/${id}`, 'drain', FAR, { drain: true, who: 'user' });
        return;
      case 'statement':
        return this.#putOut();
      case 'range':
        return this.#continueLog();
      case 'replay':
        return this.#replay();
    }
  }

  /** A yes to what waits for a human. */
  #approve(): void {
    for (const task of this.#node.ledger?.world.tasks.values() ?? []) {
      const shown = currentAttempt(task);
      if (statusOf(task) !== 'review' || shown?.state.state !== 'passed') continue;
      const { commit } = shown.state;
      const answer = 'approved';
      const value = { attempt: shown.number, commit, answer, who: 'user', reason: '', atMs: 1 };
      this.#write(`task/${task.spec.id}`, 'verdict', 1, value);
    }
  }

  #hear(register: Register): void {
    if (register.stamp.node === this.#node.id || this.#sim.truth.isForged(register)) return;
    const { name, stamp } = register;
    this.#heard.set(`${name} ${stamp.node} ${stamp.seq}`, register);
  }

  /** What another really said some time ago, word for word where it stood. */
  #replay(): void {
    const [oldest] = this.#heard.values();
    if (oldest) this.#send('document', this.#update(oldest));
  }

  /** Writes what the other is to have said, once of each thing. */
  #write(entity: string, name: string, clock: number, value: unknown): void {
    const { truth } = this.#sim;
    if (this.#said.has(`${entity} ${name}`)) return;
    this.#said.add(`${entity} ${name}`);
    const isBorrowed = this.#step.seal === 'borrowed';
    const older = [...this.#heard.values()].find((each) => isBorrowed && each.name === name);
    const node = older?.stamp.node ?? this.#as.id;
    const stamp = { node, seq: FAR + truth.forged.length, clock };
    const text = [entity, name, stamp.seq, stamp.clock, value];
    const signed = SignedValue.safeParse(older?.value).data ?? {
      value,
      signature: this.#sign('by a member: register', text),
    };
    const register = { entity, name, stamp, value: signed };
    truth.forged.push(register);
    this.#send('document', this.#update(register));
  }

  /** In the list of the other, as only that may write. */
  #update(register: Register): Uint8Array {
    const doc = new Y.Doc();
    this.#sim.lies += 1;
    doc.clientID = CLIENTS + this.#sim.lies;
    doc.getArray<Uint8Array>(register.stamp.node).push([encodeRegister(register)]);
    return encodeMessage({ kind: 'update', body: Y.encodeStateAsUpdate(doc) })[0] ?? NOTHING;
  }

  /** Puts a third node out, or lets a stranger in. */
  #putOut(): void {
    const { sim, by } = { sim: this.#sim, by: identityOf(this.#as.id) };
    const third = sim.nodes.find((each) => each !== this.#as && each !== this.#node);
    const { device } = identityOf((third ?? this.#as).id);
    const key = this.#step.seal === 'own' ? identityOf(this.#node.id).publicKey : by.publicKey;
    const common = { mesh: identityOf(sim.home.id).device, by: by.device, key };
    const statement: MemberStatement = {
      ...{ kind: 'revoke', ...common },
      ...{ node: (third ?? this.#as).id, device, cut: 0, keeps: [] },
    };
    const [genuine] = this.#node.members
      .all()
      .statements.filter((each) => each.statement.by === by.device);
    const signature =
      this.#step.seal === 'borrowed' && genuine
        ? genuine.signature
        : this.#sign('membership', statement);
    const statements: SignedStatement[] = [{ statement, signature }];
    const message = { type: 'give', statements, announcements: [] };
    this.#send('members', new TextEncoder().encode(JSON.stringify(message)));
  }

  /** An event that the other is to have written next. */
  #continueLog(): void {
    const { id: node } = this.#as;
    const store = this.#node.ledger?.store;
    const head = store?.heads().get(node);
    if (!store || !head) return;
    const json = JSON.stringify({ type: 'node.drained', node, who: 'user', drain: true });
    const place = { seq: head.seq + 1, clock: head.clock + 1 };
    const hash = chainHash(head.hash, node, place, 1, json);
    const text = Buffer.from(sealBytes(node, { seq: place.seq, hash })).toString('latin1');
    const signature =
      (this.#step.seal === 'borrowed' ? store.lastSeal(node)?.signature : undefined) ??
      Buffer.from(this.#sign('by a member: log', text), 'base64url');
    const range = {
      ...{ type: 'range' as const, node, from: place.seq, prev: head.hash },
      ...{ events: [{ clock: place.clock, atMs: 1, json }] },
      seal: { seq: place.seq, hash, signature },
    };
    this.#send('log', encode(range));
  }

  #sign(purpose: string, value: unknown): string {
    return this.#step.seal === 'none'
      ? NO_SIGNATURE
      : identityOf(this.#node.id).sign(purpose, value);
  }

  #send(channel: Channel, message: Uint8Array): void {
    for (const link of [...(this.#node.links?.open.values() ?? [])]) link.send(channel, message);
  }
}

const NOTHING = new Uint8Array();
