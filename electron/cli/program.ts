import { Command } from 'commander';
import packageFile from '../../package.json' with { type: 'json' };
import { runningNode } from '../client/runningNode.ts';
import { addAgentCommands } from './commands/agents.ts';
import { addApprovalCommands } from './commands/approvals.ts';
import { addBudgetCommands } from './commands/budget.ts';
import { addEventCommands } from './commands/events.ts';
import { addGraphCommands } from './commands/graph.ts';
import { addHealthCommands } from './commands/health.ts';
import { addMeshCommands } from './commands/mesh.ts';
import { addNotifyCommands } from './commands/notify.ts';
import { addProjectCommands } from './commands/project.ts';
import { addProviderCommands } from './commands/providers.ts';
import { addReviewCommands } from './commands/review.ts';
import { addServiceCommands } from './commands/service.ts';
import { addStatusCommands, showStatus } from './commands/status.ts';
import { addTaskCommands } from './commands/task.ts';
import { addTranscriptCommands } from './commands/transcript.ts';
import { addUpCommands } from './commands/up.ts';
import { action } from './session.ts';

const AFTER_HELP = `
Start here:
  vigil demo               watch it work on a sample project
  vigil up ~/code/app      let it work on yours; your branches stay as they are
  vigil explain T-1        why any task is where it is
  vigil agents             which coding agents it can use, and what they lack
  vigil invite             let a second machine help

Every command takes --json. Exit codes: 0 done, 1 failed, 2 the command line is wrong.`;

/** The whole command line. Parsing throws a CommanderError instead of ending the process. */
export function buildProgram(): Command {
  const program = new Command('vigil')
    .description('An autonomous build engine for your own machines.')
    .version(packageFile.version)
    .option('--json', 'print JSON, in the shapes of the local API')
    .option('--home <dir>', "the node's folder (or VIGIL_HOME)")
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false, minWidthToWrap: 20 })
    // Errors are printed in one place, `main`.
    .configureOutput({ writeErr: () => {} })
    .exitOverride()
    .helpCommand('help [command]', 'explain a command')
    .addHelpText('after', AFTER_HELP);
  addUpCommands(program);
  addStatusCommands(program);
  addMeshCommands(program);
  addProjectCommands(program);
  addTaskCommands(program);
  addGraphCommands(program);
  addEventCommands(program);
  addTranscriptCommands(program);
  addReviewCommands(program);
  addApprovalCommands(program);
  addNotifyCommands(program);
  addAgentCommands(program);
  addProviderCommands(program);
  addBudgetCommands(program);
  addServiceCommands(program);
  addHealthCommands(program);
  return program;
}

/** `vigil` alone: the state of the node that runs, or how to begin. */
export const showOverview = action(async function (session) {
  if (await runningNode(session.home)) await showStatus(session);
  else buildProgram().outputHelp();
});
