import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ProjectConfig } from '../../../shared/model/config.ts';
import { VigilError } from '../../../shared/model/errors.ts';
import { parseYaml } from '../../../shared/model/parseYaml.ts';

const Shape = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('circle'), radius: z.number() }),
  z.strictObject({ kind: z.literal('square'), side: z.number() }),
]);
const Drawing = z.strictObject({ title: z.string(), shapes: z.array(Shape).default([]) });

function mistakesIn(text: string, schema: z.ZodType = Drawing): string[] {
  try {
    parseYaml(schema, text, 'drawing.yaml');
  } catch (error) {
    if (error instanceof VigilError && error.code === 'invalid-input')
      return error.message.split('\n');
    throw error;
  }
  return [];
}

describe('a YAML file', () => {
  it('is read and checked, with defaults filled in', () => {
    expect(parseYaml(Drawing, 'title: Sun # bright\n', 'd')).toEqual({ title: 'Sun', shapes: [] });
    expect(
      parseYaml(Drawing, '{"title": "Sun", "shapes": [{"kind": "circle", "radius": 2}]}', 'd')
        .shapes,
    ).toHaveLength(1);
  });

  it('that is empty is an empty map', () => {
    for (const text of ['', '# only a comment\n', '---\n'])
      expect(parseYaml(ProjectConfig, text, 'vigil.yaml')).toEqual({});
  });

  it('that is not YAML is refused with line and column', () => {
    expect(mistakesIn('title: a\nshapes: [\n')[0]).toMatch(/^drawing\.yaml:3:1: /);
    expect(mistakesIn('title: a\ntitle: b\n')[0]).toMatch(/^drawing\.yaml:2:1: .*unique/);
  });

  it("with a value of the wrong type is refused where the value's key stands", () => {
    expect(mistakesIn('shapes: []\ntitle: 7\n')).toEqual([
      'drawing.yaml:2:1: title: expected string, received number',
    ]);
    expect(mistakesIn('title: a\nshapes:\n  - kind: circle\n    radius: big\n')).toEqual([
      'drawing.yaml:4:5: shapes[0].radius: expected number, received string',
    ]);
  });

  it('without a field that must be there is refused where the field should stand', () => {
    expect(mistakesIn('shapes: []\n')).toEqual([
      'drawing.yaml:1:1: title: expected string, received undefined',
    ]);
    expect(mistakesIn('title: a\nshapes:\n  - kind: circle\n')[0]).toMatch(
      /^drawing\.yaml:3:\d+: shapes\[0\]\.radius/,
    );
  });

  it.each([
    ['titel: a', 'title'],
    ['tiltle: a', 'title'],
    ['Title: a', 'title'],
    ['shape: []', 'shapes'],
  ])('with an unknown field is asked whether another was meant: %s', (line, meant) => {
    expect(mistakesIn(`${line}\n`).join('\n')).toContain(`unknown field; did you mean "${meant}"?`);
  });

  it('with a field like no other is told the known ones', () => {
    expect(mistakesIn('title: a\nxyzzy: 1\n')).toEqual([
      'drawing.yaml:2:1: xyzzy: unknown field; known are title, shapes',
    ]);
  });

  it('that chooses none of the kinds is told which there are', () => {
    expect(mistakesIn('title: a\nshapes:\n  - kind: star\n')[0]).toMatch(
      /drawing\.yaml:3:5: shapes\[0\]\.kind: expected one of circle, square/,
    );
  });

  it('names every mistake, a line each', () => {
    expect(mistakesIn('title: 7\nsize: 1\n')).toHaveLength(2);
  });

  it('with aliases that multiply without end is refused', () => {
    const bomb = [
      'a: &a [x,x,x,x,x,x,x,x,x]',
      ...'bcdefghi'
        .split('')
        .map(
          (name, index) =>
            `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[index]}`).join(',')}]`,
        ),
    ].join('\n');
    expect(mistakesIn(bomb)[0]).toMatch(/alias/i);
  });

  it('that is no map at all is refused', () => {
    expect(mistakesIn('just words\n')[0]).toMatch(/^drawing\.yaml:1:1: expected object/);
  });
});
