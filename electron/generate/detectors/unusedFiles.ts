import { posix } from 'node:path';
import type { Detector, ScanContext } from '../context.ts';
import { isGenerated, isProduct } from '../files.ts';
import { mechanicGap } from '../makeGap.ts';
import { isImportable } from '../published.ts';

/** More unused files than this share means that knip did not find the entry points. */
const DOUBTFUL_SHARE = 0.5;
const FEW_FILES = 3;

/** Whether any other file speaks of this one: a manifest, a page, a script, a dynamic import. */
function isMentioned(context: ScanContext, file: string): boolean {
  const { name, base } = posix.parse(file);
  const plain = name.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  // `name.ext`, or a path or string that ends in the bare name.
  const mention = new RegExp(`${base.replaceAll('.', String.raw`\.`)}\\b|[/'"\`]${plain}['"\`]`);
  return context.files.some((other) => other !== file && mention.test(context.text(other)));
}

/** Fields such as `browser` and `files` make a file the package's own, though nothing imports it. */
function isInManifest(context: ScanContext, file: string): boolean {
  return context.files.some(
    (other) =>
      posix.basename(other) === 'package.json' &&
      context.text(other).includes(posix.basename(file)),
  );
}

/** Files that nothing imports and nothing starts. */
export const unusedFiles: Detector = {
  name: 'unused-files',
  async find(context) {
    const report = await context.knip();
    const product = context.files.filter(isProduct);
    const unused = report.files.filter(
      (file) =>
        product.includes(file) && !isInManifest(context, file) && !isGenerated(context.text(file)),
    );
    if (unused.length > FEW_FILES && unused.length > product.length * DOUBTFUL_SHARE)
      throw new Error(
        `${unused.length} of ${product.length} files look unused: the entry points are not known. Name them in knip.json`,
      );
    return unused.map((file) => {
      const doubts = [
        ...(isMentioned(context, file) ? ['another file mentions its name'] : []),
        ...(isImportable(context, file)
          ? ['the package has no exports field, so others may import it by path']
          : []),
        ...(report.unresolved.length > 0
          ? ['some imports of the project could not be followed']
          : []),
      ];
      return mechanicGap(
        {
          detector: 'unused-files',
          file,
          symbol: '',
          title: `Delete the unused file ${file}`,
          type: 'cleanup',
          instructions: `Nothing imports ${file} and it is no entry point. Delete it.${doubts.length > 0 ? ` A human should look first: ${doubts.join('; ')}.` : ''}`,
          acceptance: [`${file} no longer exists.`],
          evidence: `${file} is imported nowhere${doubts.length > 0 ? `; in doubt: ${doubts.join('; ')}` : ''}`,
          risk: doubts.length > 0 ? 'high' : 'medium',
        },
        { kind: 'unused-file', file },
      );
    });
  },
};
