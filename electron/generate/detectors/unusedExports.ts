import { withoutExports } from '../../tools/exportEdits.ts';
import type { Detector } from '../context.ts';
import { evidence, isGenerated, isProduct } from '../files.ts';
import { mechanicGap } from '../makeGap.ts';
import { isImportable } from '../published.ts';

/** Exports that nothing imports: one gap per file. */
export const unusedExports: Detector = {
  name: 'unused-exports',
  async find(context) {
    const report = await context.knip();
    const candidates = report.exports.filter(
      ({ file }) =>
        context.files.includes(file) &&
        isProduct(file) &&
        !report.files.includes(file) &&
        !isGenerated(context.text(file)),
    );
    return [...Map.groupBy(candidates, ({ file }) => file)].flatMap(([file, found]) => {
      const text = context.text(file);
      const { removed } = withoutExports(
        file,
        text,
        found.map(({ name }) => name),
      );
      const first = found.find(({ name }) => removed.includes(name));
      if (first === undefined) return [];
      const names = removed.toSorted();
      const list = names.join(', ');
      return [
        mechanicGap(
          {
            detector: 'unused-exports',
            file,
            symbol: list,
            title: `Remove the unused export${names.length > 1 ? 's' : ''} ${list} from ${file}`,
            type: 'cleanup',
            instructions: `Nothing imports ${list} from ${file}. Take the export back, and remove what only it kept alive.`,
            acceptance: [`${file} no longer exports ${list}.`],
            deliverables: [file],
            evidence: evidence(file, first.line, text.split('\n')[first.line - 1] ?? ''),
            risk: isImportable(context, file) || report.unresolved.length > 0 ? 'high' : 'low',
          },
          { kind: 'unused-exports', file, names },
        ),
      ];
    });
  },
};
