import { laterClaim, NO_CLAIM, type ClaimedUsage } from './claimedUsage.ts';
import type { AgentResult, DeniedRequest } from './sessionOptions.ts';
import type { PlanEntry, SessionUpdate } from './sessionUpdate.ts';
import { readToolCall, type ToolCall } from './toolCall.ts';
import type { Transcript } from './transcript.ts';

/** Most characters kept of what an agent says between two tool calls. */
const MAX_TEXT_CHARS = 64 * 1024;

/** What one prompt brings: collected from the agent's updates while it works. */
export class Turn {
  readonly #transcript: Transcript | null;
  readonly #calls = new Map<string, ToolCall>();
  #said: { kind: 'message' | 'thought'; id: string | null; text: string } | null = null;
  #text = '';
  #plan: readonly PlanEntry[] = [];
  #claim: ClaimedUsage = NO_CLAIM;
  readonly #denied: DeniedRequest[] = [];
  /** Denied since the agent last said something, and not told to it since. */
  #untold: DeniedRequest[] = [];

  constructor(transcript: Transcript | null) {
    this.#transcript = transcript;
  }

  /** What it came to; `clean` takes out what may not be kept. */
  result(
    clean: (text: string) => string,
  ): Pick<AgentResult, 'text' | 'plan' | 'toolCalls' | 'usage' | 'denied'> {
    return {
      // What was said after the last tool call.
      text: clean(this.#said?.kind === 'message' ? this.#said.text : this.#text),
      plan: this.#plan,
      toolCalls: this.#calls.size,
      usage: this.#claim,
      denied: this.#denied.map((request) => ({
        ...request,
        title: clean(request.title),
        command: request.command === null ? null : clean(request.command),
      })),
    };
  }

  /** Takes in what the agent says that it used. */
  claim(usage: ClaimedUsage): void {
    this.#claim = laterClaim(this.#claim, usage);
  }

  call(id: string): ToolCall | undefined {
    return this.#calls.get(id);
  }

  deny(request: DeniedRequest): void {
    this.#denied.push(request);
    this.#untold.push(request);
  }

  /** What was denied when the agent fell silent over it: several end their turn at a no, without the reason. */
  takeUntold(): readonly DeniedRequest[] {
    const untold = this.#untold;
    this.#untold = [];
    return untold;
  }

  apply(update: SessionUpdate): void {
    switch (update.kind) {
      case 'message':
      case 'thought':
        return this.#hear(update);
      case 'tool': {
        this.flush();
        const id = readToolCall(update.call)?.id;
        const call = readToolCall(update.call, id === undefined ? undefined : this.call(id));
        if (call === null) return;
        const before = this.#calls.get(call.id);
        this.#calls.set(call.id, call);
        // An agent tells every line of a command's output: only what is new about the call is written.
        if (before?.status !== call.status || before.command !== call.command) this.#write(call);
        return;
      }
      case 'plan':
        this.flush();
        this.#plan = update.entries;
        this.#transcript?.write({ kind: 'plan', entries: [...update.entries] });
        return;
      case 'usage':
        this.claim(update.claim);
        return;
      case 'mode':
        this.#transcript?.write({ kind: 'mode', mode: update.mode });
        return;
      case 'other':
        return;
      default:
        return update satisfies never;
    }
  }

  /** Writes what was said so far as one message: a secret may come in two pieces. */
  flush(): void {
    if (this.#said === null) return;
    const { kind, text } = this.#said;
    if (kind === 'message') this.#text = text;
    if (text !== '') this.#transcript?.write({ kind, text });
    this.#said = null;
  }

  #hear({
    kind,
    text,
    messageId,
  }: {
    kind: 'message' | 'thought';
    text: string;
    messageId: string | null;
  }): void {
    if (this.#said?.kind !== kind || (messageId !== null && this.#said.id !== messageId)) {
      this.flush();
      this.#said = { kind, id: messageId, text: '' };
    }
    if (kind === 'message' && text.trim() !== '') this.#untold = [];
    this.#said.text = (this.#said.text + text).slice(0, MAX_TEXT_CHARS);
  }

  #write({ id, title, kind, status, paths, command }: ToolCall): void {
    this.#transcript?.write({
      kind: 'tool',
      id,
      status,
      title,
      tool: kind,
      paths: [...paths],
      command,
    });
  }
}

/** The protocol's answer to a permission request has no room for a reason: it comes as a prompt. */
export function reasons(denied: readonly DeniedRequest[]): string {
  const lines = denied.map(
    ({ title, command, answer, reason }) =>
      `- ${command ?? title}: ${reason}${answer === 'ask' ? '; nobody has allowed it yet' : ''}`,
  );
  return [
    'Not allowed:',
    ...lines,
    'Do not try it in another way. Go on with what can be done without it, or say that nothing can.',
  ].join('\n');
}
