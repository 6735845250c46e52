/** A command with the task or question that it names. */
const NAMING = /^vigil (?:explain|task (?:show|retry)|transcript|log) (T-\d+)$/;
const ASKING = /^vigil (?:approvals|review) \S+ ([AT]-\d+)$/;

/** Commands that look at something, and the page that shows the same. */
const PLACES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'vigil review list': '/approvals',
    'vigil approvals': '/approvals',
    'vigil approvals list': '/approvals',
    'vigil queue': '/queue',
    'vigil nodes': '/nodes',
    'vigil budget': '/costs',
    'vigil report': '/insights?hours=168',
    'vigil agents': '/settings',
    'vigil providers add': '/settings',
    'vigil providers list': '/settings',
  }),
);

/** The address of the page where what a command does can be seen or done; null where there is none. */
export function placeOf(command: string): string | null {
  const task = NAMING.exec(command)?.[1];
  if (task !== undefined) return `/tasks/${task}`;
  const asked = ASKING.exec(command)?.[1];
  if (asked !== undefined) return `/approvals?show=${asked}`;
  return PLACES.get(command) ?? null;
}

/** Whether a sentence of the node is about a question or a result that has a card of its own. */
export function hasCard(sentence: string): boolean {
  return sentence.split('`').some((part) => placeOf(part)?.startsWith('/approvals') === true);
}
