import { CommanderError } from 'commander';
import type { ApiError } from '../../shared/model/api.ts';
import { messageOf, VigilError } from '../../shared/model/errors.ts';

/** 1: the command was understood and failed. 2: the command line itself is wrong. */
export function exitCodeOf(error: VigilError): 1 | 2 {
  return error.code === 'misuse' ? 2 : 1;
}

/** Any thrown value as an error that says what to do; `wanted` is the command that `vigil help` was asked for. */
export function asVigilError(error: unknown, wanted?: string): VigilError {
  if (error instanceof VigilError) return error;
  if (error instanceof CommanderError) {
    // A group of commands alone, such as `vigil task`, asks for its help by throwing.
    const message =
      error.code === 'commander.help'
        ? wanted === undefined
          ? 'a command is missing'
          : `unknown command '${wanted}'`
        : error.message
            .replace(/^error: /, '')
            .replace(/^command-argument value (.*) is invalid for argument '(.*)'/, '$1 is no $2')
            .replace(/\s*\n\s*/g, ' ');
    return new VigilError(
      'misuse',
      message,
      'See `vigil --help`, or `vigil COMMAND --help` for one command.',
    );
  }
  return new VigilError(
    'internal',
    messageOf(error),
    'This is a fault of Vigil itself. Run again with VIGIL_DEBUG=1 to see where, and report it.',
    { cause: error },
  );
}

/** Two lines for a person: what happened, and what to do. */
export function errorLines(error: VigilError): string[] {
  return [`vigil: ${error.message.trimEnd()}`, error.help];
}

/** The same for a program, in the shape of the API's own errors. */
export function errorJson({ code, message, help }: VigilError): ApiError {
  return { error: { code, message, help } };
}
