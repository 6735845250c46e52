import { CommanderError } from 'commander';
import { asVigilError, errorJson, errorLines, exitCodeOf } from './fail.ts';
import { buildProgram, showOverview } from './program.ts';

/** Runs the command line and gives its exit code; a command that ran but says no has set one itself. */
async function main(argv: readonly string[]): Promise<number> {
  try {
    const program = buildProgram();
    const { operands, unknown } = program.parseOptions([...argv]);
    if (operands.length + unknown.length === 0) await showOverview.call(program);
    else await program.parseAsync(argv, { from: 'user' });
    return Number(process.exitCode ?? 0);
  } catch (thrown) {
    // `--help` and `--version` end by throwing, after they have printed.
    if (thrown instanceof CommanderError && thrown.exitCode === 0) return 0;
    const words = argv.filter((word) => !word.startsWith('-'));
    const error = asVigilError(thrown, words[0] === 'help' ? words[1] : undefined);
    process.stderr.write(
      (argv.includes('--json') ? JSON.stringify(errorJson(error)) : errorLines(error).join('\n')) +
        '\n',
    );
    if (process.env['VIGIL_DEBUG']) console.error(thrown);
    return exitCodeOf(error);
  }
}

process.exitCode = await main(process.argv.slice(2));
