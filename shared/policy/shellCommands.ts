const SHELLS = new Set(['sh', 'bash', 'zsh', 'dash', 'ksh', 'ash', 'fish']);
/** Words that only start another program; what follows is the command that counts. */
const LAUNCHERS = new Set([
  'if',
  'then',
  'elif',
  'else',
  'while',
  'until',
  'do',
  '!',
  'sudo',
  'doas',
  'env',
  'time',
  'nohup',
  'nice',
  'exec',
  'command',
  'builtin',
  'xargs',
  'timeout',
  'setsid',
  'npx',
  'bunx',
  'pnpx',
]);
/** Programs that do so with a word of their own after them. */
const RUNNERS = new Map([
  ['bundle', ['exec']],
  ['bun', ['x']],
  ['npm', ['exec', 'x']],
  ['pnpm', ['exec', 'dlx']],
  ['yarn', ['exec', 'dlx']],
  ['poetry', ['run']],
  ['uv', ['run']],
  ['python', ['-m']],
  ['python3', ['-m']],
]);
/** Deeper than any honest nesting of `sh -c`; a line beyond it is read no further. */
const MAX_DEPTH = 8;

/**
 * The simple commands of a shell line, each as its words without quotes, with the commands inside
 * `$(…)`, backticks, `sh -c '…'` and `eval`. A reading for policy, not an interpreter: what is computed
 * at run time stays unseen.
 */
export function simpleCommands(line: string, depth = 0): string[][] {
  if (depth > MAX_DEPTH) return [];
  return split(line).flatMap((all) => {
    const words = withoutLaunchers(all);
    const program = programName(words);
    const nested: string[] = all.flatMap((word) =>
      /\$\(|`/.test(word) ? [word.replaceAll(/\$\(|`/g, '\n')] : [],
    );
    if (SHELLS.has(program)) {
      const flag = words.findIndex((word, index) => index > 0 && /^-[a-z]*c[a-z]*$/.test(word));
      if (flag > 0) nested.push(words[flag + 1] ?? '');
    }
    if (program === 'eval') nested.push(words.slice(1).join(' '));
    return [
      ...(words.length > 0 ? [words] : []),
      ...nested.flatMap((text) => simpleCommands(text, depth + 1)),
    ];
  });
}

/** The name of the program that a simple command starts, without its folder. */
export function programName(words: readonly string[]): string {
  return (words[0] ?? '').replace(/^.*[\\/]/, '').toLowerCase();
}

/** Drops assignments (`A=b`) and launchers with their options in front of the command itself. */
function withoutLaunchers(all: readonly string[]): string[] {
  let words = [...all];
  for (;;) {
    const launcher = launcherLength(words);
    if (launcher === 0 && !/^[A-Za-z_]\w*=/.test(words[0] ?? '')) return words;
    words = words.slice(Math.max(1, launcher));
    // Options, and numbers as in `timeout 5` or `nice -n 5`.
    while (launcher > 0 && /^(-|\d)/.test(words[0] ?? '')) words = words.slice(1);
  }
}

/** How many words in front only start the rest. */
function launcherLength(words: readonly string[]): number {
  const program = programName(words);
  if (LAUNCHERS.has(program)) return 1;
  return RUNNERS.get(program)?.includes(words[1] ?? '') === true ? 2 : 0;
}

/** Splits at the operators between commands and at white space, outside quotes. */
function split(line: string): string[][] {
  const commands: string[][] = [];
  let words: string[] = [];
  let word: string | null = null;
  let quote: '"' | "'" | null = null;
  const endWord = (): void => {
    if (word !== null) words.push(word);
    word = null;
  };
  const endCommand = (): void => {
    endWord();
    if (words.length > 0) commands.push(words);
    words = [];
  };
  for (let at = 0; at < line.length; at++) {
    const char = line.charAt(at);
    if (char === '\\' && quote !== "'") {
      // A line that goes on after its end is one line.
      const next = line.charAt(++at);
      if (next !== '\n') word = (word ?? '') + next;
    } else if (quote !== null) {
      if (char === quote) quote = null;
      else word = (word ?? '') + char;
    } else if (char === '"' || char === "'") {
      quote = char;
      word ??= '';
    } else if (/[;&|\n()`]/.test(char)) endCommand();
    else if (/[\s<>{}]/.test(char)) endWord();
    else if (char === '$' && line.charAt(at + 1) === '(') endCommand();
    else word = (word ?? '') + char;
  }
  endCommand();
  return commands;
}
