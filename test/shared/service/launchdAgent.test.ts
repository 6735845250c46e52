import plist from 'plist';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { launchdAgent } from '../../../shared/service/launchdAgent.ts';

const spec = {
  command: ['/usr/local/bin/node', '/opt/vigil/bin/vigil.js', 'up'],
  home: '/Users/ann/Library/Application Support/vigil',
  environment: { PATH: '/opt/homebrew/bin:/usr/bin' },
};

describe('the launchd agent', () => {
  it('starts with the session, again after a failure and not after an orderly end', () => {
    expect(plist.parse(launchdAgent(spec, '/Users/ann/Library/Logs/vigil.log'))).toMatchObject({
      Label: 'app.vigil.node',
      ProgramArguments: spec.command,
      EnvironmentVariables: spec.environment,
      WorkingDirectory: spec.home,
      RunAtLoad: true,
      KeepAlive: { SuccessfulExit: false },
      SoftResourceLimits: { NumberOfFiles: 65_536 },
      StandardErrorPath: '/Users/ann/Library/Logs/vigil.log',
    });
  });

  it('is read back as it was meant, whatever printable text the paths hold', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (text) => {
        const home = `/x${text}y`;
        expect(plist.parse(launchdAgent({ ...spec, home }, '/log'))).toMatchObject({
          WorkingDirectory: home,
        });
      }),
    );
  });

  it('refuses what XML cannot hold', () => {
    expect(() => launchdAgent({ ...spec, home: '/a\u0000b' }, '/log')).toThrow(RangeError);
  });
});
