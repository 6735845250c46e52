import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { VigilError } from '../../shared/model/errors.ts';

/** Where a key is to be taken from. */
export interface KeyOptions {
  readonly keyEnv?: string;
  readonly keyStdin?: boolean;
}

interface KeyFound {
  readonly key: string;
  /** Where it was found, for the one who gave none. */
  readonly from: string;
}

/**
 * The key as it was given: by the variable that is named, on standard input, by the provider's usual
 * variable, or typed unseen on a terminal. Null when `optional` and none of them has one.
 * Throws `misuse` when there is none.
 */
export async function readKey(
  provider: string,
  options: KeyOptions,
  usual: string | null,
  optional: boolean,
): Promise<KeyFound | null> {
  if (options.keyEnv !== undefined) {
    const key = fromEnvironment(options.keyEnv);
    if (key !== null) return { key, from: options.keyEnv };
    throw new VigilError(
      'misuse',
      `the variable ${options.keyEnv} is empty`,
      `Set it first, or type the key unseen: leave --key-env away. \`--key-env\` takes the name of a variable, not a key.`,
    );
  }
  if (options.keyStdin === true) {
    const key = (await text(process.stdin)).trim();
    if (key !== '') return { key, from: 'standard input' };
    throw new VigilError(
      'misuse',
      'standard input held no key',
      `Pipe it in, for example \`pass show ${provider} | vigil providers add ${provider} --key-stdin\`.`,
    );
  }
  const key = usual === null ? null : fromEnvironment(usual);
  if (key !== null && usual !== null) return { key, from: usual };
  if (optional) return null;
  if (process.stdin.isTTY && process.stderr.isTTY)
    return { key: await typedUnseen(`Key for ${provider} (it is not shown): `), from: 'here' };
  throw new VigilError(
    'misuse',
    `there is no key for ${provider}`,
    `${usual === null ? '' : `Set ${usual}, or `}name another variable with --key-env NAME, or pipe the key in with --key-stdin.`.replace(
      /^n/,
      'N',
    ),
  );
}

function fromEnvironment(name: string): string | null {
  const key = process.env[name]?.trim() ?? '';
  return key === '' ? null : key;
}

/** Asks on standard error, so that standard output stays what the command prints. */
async function typedUnseen(prompt: string): Promise<string> {
  const unseen = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: unseen, terminal: true });
  // Only now: from here on the terminal shows nothing of what is typed.
  process.stderr.write(prompt);
  try {
    const key = await new Promise<string>((resolve, reject) => {
      const none = () =>
        reject(new VigilError('misuse', 'no key was given', 'Nothing was changed.'));
      lines.once('SIGINT', none);
      lines.once('close', none);
      lines.question('').then((answer) => resolve(answer.trim()), reject);
    });
    if (key !== '') return key;
    throw new VigilError('misuse', 'no key was given', 'Nothing was changed.');
  } finally {
    lines.close();
    process.stderr.write('\n');
  }
}
