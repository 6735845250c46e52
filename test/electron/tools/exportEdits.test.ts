import { describe, expect, it } from 'vitest';
import { withoutExports } from '../../../electron/tools/exportEdits.ts';

const edit = (text: string, ...names: string[]): string => withoutExports('a.js', text, names).text;

describe('taking back exports', () => {
  it('removes the declaration with what was only written into it', () => {
    const text = `const sizes = [];\nsizes[1] = 2;\nsizes.name = 'x';\n\nexport const used = 1;\n\nexport {\n  sizes,\n};\n`;
    expect(edit(text, 'sizes')).toBe(`export const used = 1;\n`);
  });

  it('keeps writes that reach something else', () => {
    const text = `import { shared } from './shared.js';\nconst alias = shared;\nalias.name = 'x';\nexport { alias };\nexport const used = shared;\n`;
    expect(withoutExports('a.js', text, ['alias'])).toEqual({ text, removed: [] });
  });

  it('leaves an export whose declaration would be left behind unread', () => {
    const text = `export const made = make();\nexport const other = 1;\nfunction make() {\n  return 1;\n}\n`;
    const result = withoutExports('a.js', text, ['made', 'other']);
    expect(result.removed).toEqual(['other']);
    expect(result.text).toBe(`export const made = make();\nfunction make() {\n  return 1;\n}\n`);
  });

  it('knows an export by the name that it has outside', () => {
    const text = `const made = make();\nexport { made as thing };\n`;
    expect(withoutExports('a.js', text, ['thing']).removed).toEqual([]);
    expect(edit(`const a = make();\nuse(a);\nexport { a as thing, a };\n`, 'thing')).toBe(
      `const a = make();\nuse(a);\nexport { a };\n`,
    );
  });

  it('takes back a default export only where the name is used otherwise', () => {
    expect(edit(`export default function f() {\n  return f;\n}\nf();\n`, 'default')).toBe(
      `function f() {\n  return f;\n}\nf();\n`,
    );
    expect(withoutExports('a.js', `export default make();\n`, ['default']).removed).toEqual([]);
  });
});
