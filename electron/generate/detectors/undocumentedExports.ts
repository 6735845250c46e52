import type { Detector } from '../context.ts';
import { exportedFunctions } from '../exportedFunctions.ts';
import { evidence, isGenerated, isProduct, lineOf } from '../files.ts';
import { agentGap } from '../makeGap.ts';

const ESTIMATE_PER_FUNCTION_MS = 4 * 60_000;

/** Exported functions that say nothing about themselves: one gap per file. */
export const undocumentedExports: Detector = {
  name: 'undocumented-exports',
  find: (context) =>
    Promise.resolve(
      context.files
        .filter((file) => isProduct(file) && !isGenerated(context.text(file)))
        .flatMap((file) => {
          const source = context.syntax(file);
          const bare = exportedFunctions(source).filter(({ documented }) => !documented);
          const first = bare[0];
          if (first === undefined) return [];
          const names = bare.map(({ name }) => name).join(', ');
          return [
            agentGap(
              {
                detector: 'undocumented-exports',
                file,
                symbol: '',
                title: `Document the exported functions of ${file}: ${names}`,
                type: 'docs',
                instructions: `Give each of these exported functions of ${file} a doc comment that says what it does, its units and what it throws: ${names}. Change no code.`,
                acceptance: [
                  'Each of the functions has a doc comment that is true.',
                  'The diff changes comments only.',
                ],
                deliverables: [file],
                evidence: evidence(
                  file,
                  lineOf(source, first.node.getStart(source)),
                  first.node.getText(source),
                ),
                risk: 'low',
              },
              ESTIMATE_PER_FUNCTION_MS * bare.length,
            ),
          ];
        }),
    ),
};
