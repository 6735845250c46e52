import { hasPrettier, unformatted } from '../../tools/prettier.ts';
import type { Detector } from '../context.ts';
import { isGenerated, isOwnCode } from '../files.ts';
import { mechanicGap } from '../makeGap.ts';

/** When more than this share differs, the project does not format with prettier, whatever it installs. */
const PRACTISED_SHARE = 0.5;
const FEW_FILES = 5;
const FORMATTED = /\.(?:css|scss|less|ya?ml)$/;

/** Files that the project's own formatter would change. */
export const formatting: Detector = {
  name: 'formatting',
  async find(context) {
    const { root, profile, signal } = context;
    if (profile.formatter !== 'prettier' || !hasPrettier(root)) return [];
    const files = context.files.filter(
      (file) =>
        (isOwnCode(file) || FORMATTED.test(file)) &&
        !/lock\.ya?ml$/.test(file) &&
        !isGenerated(context.text(file)),
    );
    const found = await unformatted(root, files, signal);
    if (found.length > FEW_FILES && found.length > files.length * PRACTISED_SHARE) return [];
    return found.map((file) =>
      mechanicGap(
        {
          detector: 'formatting',
          file,
          symbol: '',
          title: `Format ${file}`,
          type: 'format',
          instructions: `Format ${file} with the project's own prettier.`,
          acceptance: [`prettier --check ${file} passes.`],
          deliverables: [file],
          evidence: `${file} differs from prettier's output`,
          risk: 'low',
        },
        { kind: 'format', file },
      ),
    );
  },
};
