import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { systemdUnit } from '../../../shared/service/systemdUnit.ts';

const spec = {
  command: ['/usr/bin/node', '/opt/vigil/bin/vigil.js', 'up'],
  home: '/home/ann/.local/share/vigil',
  environment: { VIGIL_HOME: '/home/ann/.local/share/vigil', PATH: '/usr/bin:/bin' },
};
const line = (text: string, name: string) =>
  text.split('\n').filter((entry) => entry.startsWith(`${name}=`));

describe('the systemd unit', () => {
  it('of a user has no user name and starts with the session', () => {
    const text = systemdUnit(spec, { kind: 'user' });
    expect(line(text, 'User')).toEqual([]);
    expect(line(text, 'WantedBy')).toEqual(['WantedBy=default.target']);
  });

  it('of the machine runs as the named user, without capabilities', () => {
    const text = systemdUnit(spec, { kind: 'system', user: 'ann' });
    expect(line(text, 'User')).toEqual(['User=ann']);
    expect(line(text, 'CapabilityBoundingSet')).toEqual(['CapabilityBoundingSet=']);
    expect(line(text, 'WantedBy')).toEqual(['WantedBy=multi-user.target']);
  });

  it('keeps spaces, quotes, backslashes, percent and dollar signs of paths', () => {
    const text = systemdUnit(
      { ...spec, command: ['/opt/my node/bin/node', 'a"b\\c', '100%', '$HOME'] },
      { kind: 'user' },
    );
    expect(line(text, 'ExecStart')).toEqual([
      String.raw`ExecStart="/opt/my node/bin/node" "a\"b\\c" "100%%" "$$HOME"`,
    ]);
  });

  it('never lets a path make a setting of its own', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary-ascii' }), (home) => {
        const count = systemdUnit(spec, { kind: 'user' }).split('\n').length;
        let text: string;
        try {
          text = systemdUnit({ ...spec, home: `/${home}` }, { kind: 'user' });
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
          return;
        }
        expect(text.split('\n')).toHaveLength(count);
      }),
    );
  });
});
