import type { Action, Decision } from '../model/decision.ts';
import type { EventBody } from '../model/events.ts';
import type { NoticeChannel } from '../model/notice.ts';
import type { TestReport } from '../model/project.ts';
import { count, dateTime, duration, inline, score, shortCommit } from './format.ts';
import type { AgentEvent } from './describeAgents.ts';
import { describeAdaptation } from './describeAdaptation.ts';
import { describeFitness } from './describeSenses.ts';
import { describeOrigin } from './describeTask.ts';

export type EngineEvent = Exclude<EventBody, { task: unknown } | AgentEvent>;

/** An event of the node, a project or the engine itself in one plain line. */
export function describeEngineEvent(body: EngineEvent): string {
  switch (body.type) {
    case 'node.started':
      return `node ${body.node} started, version ${body.version}, ${count(body.concurrency.agent, 'agent slot')} and ${count(body.concurrency.cheap, 'cheap slot')}`;
    case 'unknown':
      return `${inline(body.name)}: a newer version wrote this, and this one does not know it`;
    case 'node.stopped':
      return `node ${body.node} stopped: ${inline(body.reason)}`;
    case 'mesh.entered':
      return body.inviter === null
        ? `a mesh begins with this node, ${inline(body.name)}`
        : `this node, ${inline(body.name)}, joined the mesh of ${body.inviter}`;
    case 'mesh.left':
      return `this node left the mesh: ${inline(body.reason)}`;
    case 'log.broken':
      return `the log of ${body.node} is broken at event ${body.seq}${whence(body.from)}: ${inline(body.what)}`;
    case 'log.forked':
      return `the log of ${body.node} has two histories from event ${body.seq} on${whence(body.from)}: ${inline(body.what)}`;
    case 'log.repaired':
      return `the log of ${body.node} is right again at event ${body.seq}${whence(body.from)}: ${inline(body.what)}`;
    case 'log.behind':
      return `this node lacks events of its own log from ${body.seq} on${whence(body.from)}: ${inline(body.what)}`;
    case 'register.refused':
      return `what ${body.peer} wrote was passed over: ${inline(body.reason)}`;
    case 'peer.changed':
      return `node ${inline(body.name)} (${body.peer}) is there: ${count(body.concurrency.agent, 'agent slot')}, ${count(body.concurrency.cheap, 'cheap slot')}`;
    case 'member.admitted':
      return `node ${body.peer} (${inline(body.name)}) is a member of the mesh, device ${body.device}`;
    case 'member.revoked':
      return body.by.length === 1 && body.by[0] === body.peer
        ? `node ${body.peer} (${inline(body.name)}) has left the mesh; its log counts up to event ${body.cut}`
        : `node ${body.peer} (${inline(body.name)}) was put out of the mesh by ${body.by.join(', ')}; its log counts up to event ${body.cut}`;
    case 'link.opened':
      return `linked to ${body.peer} at ${inline(body.address)}`;
    case 'link.closed':
      return `the link to ${body.peer} ended: ${inline(body.reason)}`;
    case 'stranger.refused':
      return `turned ${body.count === 1 ? '' : `${count(body.count, 'connection')} of `}${inline(body.address)} away at the mesh's port: ${inline(body.reason)}`;
    case 'peer.doubled':
      return `a second machine at ${inline(body.address)} uses the identity of ${body.peer}: its home was copied. Stop one of the two for good, or start it on an empty home and let it join anew`;
    case 'peer.incompatible':
      return `${body.peer ?? 'a node that wants to join'} can't be understood: ${inline(body.reason)} ${inline(body.help)}`.replace(
        /\.$/,
        '',
      );
    case 'peer.lost':
      return `node ${body.peer} is gone: ${inline(body.reason)}`;
    case 'leader.changed':
      return body.leader === null
        ? `nobody leads: ${inline(body.reason)}`
        : `${body.leader} leads in term ${body.term}: ${inline(body.reason)}`;
    case 'node.sensed':
      return `${describeFitness(body.node, body.fitness)}${body.senses === '' ? '' : ` (${body.senses})`}`;
    case 'node.drained':
      return body.drain
        ? `node ${body.node} drained by ${body.who}: it finishes what runs and takes nothing new`
        : `node ${body.node} takes work again, by ${body.who}`;
    case 'capabilities.found':
      return `node ${body.node} has ${body.capabilities.join(', ') || 'nothing that tasks ask for'}`;
    case 'project.added':
      return `project ${body.project} added: ${body.definition.path ?? 'a repository of another node'}, target branch ${body.definition.target}`;
    case 'project.profiled':
      return `project ${body.project} looked at: ${body.profile.language}, ${body.profile.packageManager}, tests: ${body.profile.test ?? 'none'}`;
    case 'project.removed':
      return `project ${body.project} removed`;
    case 'project.troubled':
      return `project ${body.project} can't be worked on: ${inline(body.reason)}. ${inline(body.help)}`;
    case 'project.recovered':
      return `project ${body.project} can be worked on again`;
    case 'baseline.recorded':
      return `project ${body.project} before any change (${shortCommit(body.baseline.commit)}): ${describeTests(body.baseline.tests)}`;
    case 'artifact.observed':
      return `${body.artifact} ${body.exists ? 'exists' : 'does not exist'} in the integrated tree of ${body.project} at ${shortCommit(body.commit)}`;
    case 'integration.synced':
      return `the integrated tree of ${body.project} took over ${shortCommit(body.target)} from the target branch and is now ${shortCommit(body.commit)}`;
    case 'integration.promoted':
      return `${body.branch} of ${body.project} promoted from ${shortCommit(body.from)} to ${shortCommit(body.to)} by ${body.who}`;
    case 'task.refused':
      return `task "${inline(body.title)}" from ${describeOrigin(body.origin)} refused for ${body.project}: ${inline(body.reason)}${body.cycle ? ` (${body.cycle.join(' → ')})` : ''}`;
    case 'decision.made':
      return describeDecision(body.decision);
    case 'engine.adapted':
      return describeAdaptation(body.change, body.project);
    case 'cycle.started':
      return `cycle ${body.cycle} looks for work in ${body.project} (${inline(body.trigger)})`;
    case 'cycle.finished':
      return `cycle ${body.cycle} found ${count(body.found, 'gap')} in ${body.project} in ${duration(body.durationMs)}: ${count(body.proposed.length, 'task')} proposed, ${body.dropped.length} dropped, ${body.closed.length} closed${body.troubles.length === 0 ? '' : `; trouble: ${body.troubles.map(inline).join('; ')}`}`;
    case 'audit.finished':
      return body.failures.length === 0
        ? `audit${ofProject(body.project)} found all well`
        : `audit${ofProject(body.project)} failed: ${body.failures.map((failure) => `${failure.check} (${inline(failure.detail)})`).join('; ')}`;
    case 'request.refused':
      return `refused ${count(body.count, 'request')} to the local API: ${REFUSED[body.reason]} (host ${inline(body.host || 'none')}${body.origin === '' ? '' : `, page of ${inline(body.origin)}`})`;
    case 'notice.shown':
      return `told a person by ${channelName(body.channel)}: ${inline(body.title)}`;
    case 'notice.failed':
      return `could not tell a person by ${channelName(body.channel)} (${inline(body.reason)}): ${inline(body.title)}; next: ${inline(body.next)}`;
    case 'notice.dismissed':
      return `news read by ${body.who} (${body.notice})`;
    case 'limit.reached':
      return `limit ${body.limit} reached for ${body.subject}: ${body.value} of ${body.max}, ${body.untilMs === null ? 'until a person acts' : `until ${dateTime(body.untilMs)} UTC`}`;
    case 'limit.cleared':
      return `limit ${body.limit} no longer reached for ${body.subject}`;
    case 'builds.paused':
      return `builds paused by ${body.who}: ${inline(body.reason)}, ${body.untilMs === null ? 'until someone resumes them' : `until ${dateTime(body.untilMs)} UTC`}`;
    case 'builds.resumed':
      return `builds resumed by ${body.who}: ${inline(body.reason)}`;
  }
}

const CHANNELS: Readonly<Record<NoticeChannel, string>> = {
  desktop: 'a notification on the desktop',
  shell: 'a notification of the app',
  ntfy: 'ntfy',
  webhook: 'the webhook',
};

/** A channel in words. */
export function channelName(channel: NoticeChannel): string {
  return CHANNELS[channel];
}

/** What the engine may do, in words: `dispatch T-3 to mac-1`. */
export function describeAction(action: Action): string {
  switch (action.kind) {
    case 'dispatch':
      return `dispatch ${action.task} to ${action.node}`;
    case 'move':
      return `move ${action.task} from ${action.from} to ${action.to}`;
    case 'generate':
      return `look for work in ${action.project}`;
    case 'quiesce':
      return `give ${action.node} a rest`;
    case 'pause-builds':
      return 'pause builds';
    case 'resume-builds':
      return 'resume builds';
    case 'escalate':
      return `ask a person about ${action.subject}`;
  }
}

function describeDecision(decision: Decision): string {
  const selected = decision.candidates.filter((candidate) => candidate.selected);
  const chosen = selected.map(
    (candidate) => `${describeAction(candidate.action)} (${score(candidate.score)})`,
  );
  const considered = decision.candidates.length + decision.omitted;
  return `decided on ${decision.trigger}: ${chosen.join(', ') || 'nothing to do'}; ${count(considered, 'candidate')}, ${decision.readyTasks} ready of ${decision.openTasks} open, confidence ${score(decision.confidence)} (${decision.autonomy})`;
}

function describeTests(tests: TestReport): string {
  switch (tests.outcome) {
    case 'passed':
      return `tests passed${tests.total === null ? '' : ` (${tests.total})`} in ${duration(tests.durationMs)}`;
    case 'failed':
      return `${count(tests.failing.length, 'test')} failed, which will not count against a task`;
    case 'timeout':
      return `tests did not end within ${duration(tests.durationMs)}`;
    case 'unreadable':
      return `tests failed with exit code ${tests.exitCode ?? 'unknown'}, and their output names none`;
    case 'absent':
      return 'no tests';
  }
}

function ofProject(project: string | null): string {
  return project === null ? '' : ` of ${project}`;
}

function whence(from: string | null): string {
  return from === null ? ' in the copy here' : `, by ${from}`;
}

const REFUSED = {
  host: 'a name that is not of this machine',
  origin: "another site's page",
  token: 'no valid token',
} as const;
