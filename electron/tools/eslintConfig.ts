import js from '@eslint/js';
import type { Linter } from 'eslint';
import unusedImports from 'eslint-plugin-unused-imports';

/**
 * Rules of the recommended set that need to know the project's environment, or that the
 * unused-imports plugin reports more precisely.
 */
const WITHOUT = ['no-undef', 'no-unused-vars', 'no-redeclare'];

function literalGlob(file: string): string {
  return file.replaceAll(/[\\*?[\]{}()!+@]/g, String.raw`\$&`);
}

/**
 * The configuration for projects that have none: real mistakes, and fixes that cannot change behaviour
 * and leave no style of their own behind (`no-useless-return` empties lines, `no-lonely-if` is a taste).
 * `modules` names files that are ES modules although the manifest does not say so (bundled projects).
 * The parser for TypeScript takes a second to load, so that only `typescript` brings it.
 */
export async function bundledEslintConfig(
  sourceType: 'module' | 'commonjs',
  modules: readonly string[],
  typescript: boolean,
): Promise<Linter.Config[]> {
  const { parser } = typescript ? (await import('typescript-eslint')).default : {};
  return [
    {
      files: ['**/*.{js,mjs,cjs,jsx,ts,mts,cts,tsx}'],
      languageOptions: {
        sourceType,
        ecmaVersion: 'latest',
        parserOptions: { ecmaFeatures: { jsx: true } },
      },
      linterOptions: { reportUnusedDisableDirectives: 'off', noInlineConfig: false },
      plugins: { 'unused-imports': unusedImports },
      rules: {
        ...js.configs.recommended.rules,
        ...Object.fromEntries(WITHOUT.map((rule) => [rule, 'off' as const])),
        'unused-imports/no-unused-imports': [
          'error',
          // The classic JSX transforms use these without naming them.
          { vars: 'all', args: 'none', varsIgnorePattern: '^(React|h|Fragment|jsx|_.*)$' },
        ],
        'no-var': 'error',
        'prefer-const': ['error', { destructuring: 'all' }],
        eqeqeq: ['error', 'always', { null: 'ignore' }],
        'no-extra-boolean-cast': 'error',
        'no-useless-rename': 'error',
      },
    },
    ...(modules.length > 0
      ? [{ files: modules.map(literalGlob), languageOptions: { sourceType: 'module' as const } }]
      : []),
    { files: ['**/*.mjs'], languageOptions: { sourceType: 'module' } },
    { files: ['**/*.cjs'], languageOptions: { sourceType: 'commonjs' } },
    ...(parser === undefined
      ? []
      : [
          {
            files: ['**/*.{ts,mts,cts,tsx}'],
            languageOptions: { parser, sourceType: 'module' as const },
          },
        ]),
  ];
}
