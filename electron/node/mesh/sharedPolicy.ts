import { z } from 'zod';
import { ApprovalSubject, type Approval } from '../../../shared/model/approval.ts';
import { BudgetSetting } from '../../../shared/model/budget.ts';
import type { LoggedEvent } from '../../../shared/model/events.ts';
import { ApprovalId, ProjectId, TaskId } from '../../../shared/model/ids.ts';
import { compareStamps, type Register } from '../../../shared/model/register.ts';
import { NOTHING_PLANNED, PlannedDurations } from '../../../shared/world/planned.ts';
import type { RegisterDocument } from '../../mesh/document/registerDocument.ts';
import type { Ledger } from '../ledger.ts';
import { SETTINGS, type Place, type SignedWords } from './signedWords.ts';

const PLAN = 'policy/plan';

const Pause = z
  .strictObject({
    by: z.enum(['human', 'engine']),
    who: z.string(),
    reason: z.string(),
    untilMs: z.number().nullable(),
  })
  .nullable();
const Question = z.strictObject({
  id: ApprovalId,
  task: TaskId.nullable(),
  project: ProjectId.nullable(),
  subject: ApprovalSubject,
  reason: z.string(),
  askedAtMs: z.number(),
});
const Answer = z.enum(['approved', 'denied']);
const Drain = z.strictObject({ drain: z.boolean(), who: z.string() });

export interface SharedPolicyOptions {
  readonly ledger: Ledger;
  readonly document: RegisterDocument;
  /** This node was drained, or is to take work again. */
  readonly drained: (drain: boolean, who: string) => void;
}

/** What holds for all nodes beside tasks and projects: caps, pauses, questions and answers, drains, and the plan. */
export class SharedPolicy {
  private readonly options: SharedPolicyOptions;
  private readonly ledger: Ledger;
  private readonly document: RegisterDocument;
  private readonly words: SignedWords;
  /** The planned durations that were told last, by whoever's word counts: what this world goes by, on every node. */
  private plan: PlannedDurations = NOTHING_PLANNED;

  constructor(options: SharedPolicyOptions, words: SignedWords) {
    this.options = options;
    this.ledger = options.ledger;
    this.document = options.document;
    this.words = words;
  }

  /** What a lone node knows enters the document. */
  fill(stamp: Place): void {
    const { world } = this.ledger;
    if (this.founded()) {
      this.words.put(stamp, SETTINGS, 'budget', world.supply.answers.budget);
      this.words.put(stamp, SETTINGS, 'pause', world.pause);
      this.document.put(PLAN, 'durations', stamp, world.planned);
    }
    for (const approval of world.supply.approvals) this.putQuestion(stamp, approval);
  }

  /** Whether the mesh began here. Whoever joins one takes over its settings, and must not write its own above them. */
  private founded(): boolean {
    const { store } = this.ledger;
    const [entered] = store.read({
      node: this.ledger.store.node,
      types: ['mesh.entered'],
      order: 'desc',
      limit: 1,
    });
    return entered?.body.type === 'mesh.entered' && entered.body.inviter === null;
  }

  /** What this node did. */
  own(event: LoggedEvent): void {
    const { body, atMs } = event;
    switch (body.type) {
      case 'budget.set':
        this.words.put(event, SETTINGS, 'budget', this.ledger.world.supply.answers.budget);
        break;
      case 'builds.paused': {
        const { by, who, reason, untilMs } = body;
        this.words.put(event, SETTINGS, 'pause', { by, who, reason, untilMs });
        break;
      }
      case 'builds.resumed':
        this.words.put(event, SETTINGS, 'pause', null);
        break;
      case 'approval.asked': {
        const { approval: id, task, project, subject, reason } = body;
        this.putQuestion(event, { id, task, project, subject, reason, askedAtMs: atMs });
        break;
      }
      case 'approval.answered':
        this.words.put(event, `approval/${body.approval}`, 'answer', body.answer);
        break;
      case 'project.removed':
        this.document.remove(`project/${body.project}`);
        break;
      default:
    }
  }

  /**
   * What a leader has learned of how long work takes, told as soon as it orders by it. That is seldom: a kind of
   * work has to be off by a good share.
   */
  ownPlan(stamp: Place): void {
    const { world } = this.ledger;
    if (world.planned === this.plan) return;
    if (world.leads) this.document.put(PLAN, 'durations', stamp, world.planned);
    this.takePlan();
  }

  /** What other nodes did. */
  take(entities: ReadonlySet<string>): void {
    if (entities.has(SETTINGS)) this.takeSettings();
    if (entities.has(PLAN)) this.takePlan();
    if ([...entities].some((each) => each.startsWith('approval/'))) this.takeApprovals();
    if (entities.has(`node/${this.ledger.store.node}`)) this.takeDrain();
  }

  private putQuestion(stamp: Place, { id, ...question }: Omit<Approval, 'answer'>): void {
    this.document.put(`approval/${id}`, 'question', stamp, { id, ...question });
  }

  private takeSettings(): void {
    const { world } = this.ledger;
    const budget = BudgetSetting.safeParse(this.words.read(SETTINGS, 'budget'));
    if (budget.success) world.putPolicy({ budget: budget.data });
    const pause = Pause.safeParse(this.words.read(SETTINGS, 'pause'));
    if (pause.success) world.putPolicy({ pause: pause.data });
  }

  /** The word of the leader of the highest term counts, as for assignments. */
  private takePlan(): void {
    const told = this.document.read(PLAN).flatMap(({ stamp, value }) => {
      const plan = PlannedDurations.safeParse(value);
      return plan.success ? [{ node: stamp.node, plan: plan.data }] : [];
    });
    const [last] = told.toSorted((a, b) => b.plan.term - a.plan.term || (a.node < b.node ? 1 : -1));
    this.plan = last?.plan ?? NOTHING_PLANNED;
    this.ledger.world.putPolicy({ planned: this.plan });
  }

  private takeApprovals(): void {
    const { world } = this.ledger;
    const approvals = this.document.entities('approval/').flatMap((entity): Approval[] => {
      const asked = this.newest(entity, 'question');
      const question = Question.safeParse(asked?.value);
      if (!asked || !question.success) return [];
      const answer = Answer.safeParse(this.words.read(entity, 'answer', 'first')).data ?? null;
      const { task, subject } = question.data;
      const kept = answer === null || (task !== null && subject.kind === 'permission');
      const open = task === null || world.tasks.has(task);
      if (kept && open) return [{ ...question.data, answer }];
      // Who asked takes the question out.
      if (asked.stamp.node === this.ledger.store.node) this.document.remove(entity);
      return [];
    });
    world.putApprovals(approvals.toSorted((a, b) => a.askedAtMs - b.askedAtMs));
  }

  private takeDrain(): void {
    const wish = Drain.safeParse(this.words.read(`node/${this.ledger.store.node}`, 'drain'));
    const draining = this.ledger.world.nodes.get(this.ledger.store.node)?.draining ?? false;
    if (wish.success && wish.data.drain !== draining)
      this.options.drained(wish.data.drain, wish.data.who);
  }

  private newest(entity: string, name: string): Register | undefined {
    return this.document
      .read(entity)
      .filter((register) => register.name === name)
      .toSorted((a, b) => compareStamps(a.stamp, b.stamp))
      .at(-1);
  }
}
