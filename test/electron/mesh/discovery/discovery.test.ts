import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Discovery } from '../../../../electron/mesh/discovery/discovery.ts';
import { Mdns } from '../../../../electron/mesh/discovery/mdns.ts';
import { ownAddresses } from '../../../../electron/mesh/discovery/ownAddresses.ts';
import { Tailscale, readTailscale } from '../../../../electron/mesh/discovery/tailscale.ts';
import { parseAddress } from '../../../../electron/mesh/link/address.ts';
import { formatDeviceId } from '../../../../shared/model/device.ts';
import { NodeId } from '../../../../shared/model/ids.ts';
import type { Member } from '../../../../shared/model/member.ts';
import { atEnd, freePort, tempHome, testClock, until } from '../helpers.ts';

const device = formatDeviceId(new Uint8Array(32).fill(9));

function member(wish: Partial<Member> = {}): Member {
  return {
    node: NodeId.parse('n-far'),
    device,
    publicKey: 'key',
    name: 'Linux-Box.local',
    addresses: ['192.168.1.5:4775'],
    slot: 1,
    floor: 0,
    admittedBy: device,
    revoked: null,
    ...wish,
  };
}

/** In the shape of `ipnstate.Status`, as `tailscale status --json` of version 1.7x prints it. */
const STATUS = {
  Version: '1.76.1-t8b962f23d-g2b6a4a5f4',
  TUN: true,
  BackendState: 'Running',
  HaveNodeKey: true,
  AuthURL: '',
  TailscaleIPs: ['100.101.102.103', 'fd7a:115c:a1e0::1'],
  Self: {
    ID: 'n1',
    HostName: 'mac-1',
    DNSName: 'mac-1.tail1234.ts.net.',
    OS: 'macOS',
    Online: true,
  },
  MagicDNSSuffix: 'tail1234.ts.net',
  Peer: {
    'nodekey:aaaa': {
      ID: 'n2',
      PublicKey: 'nodekey:aaaa',
      HostName: 'linux-box',
      DNSName: 'linux-box.tail1234.ts.net.',
      OS: 'linux',
      TailscaleIPs: ['100.64.0.2', 'fd7a:115c:a1e0::2'],
      Relay: 'fra',
      RxBytes: 0,
      TxBytes: 0,
      LastSeen: '0001-01-01T00:00:00Z',
      Online: true,
      ExitNode: false,
      Active: true,
    },
    'nodekey:bbbb': {
      ID: 'n3',
      HostName: 'phone',
      OS: 'iOS',
      TailscaleIPs: ['100.64.0.3'],
      Online: true,
    },
    'nodekey:cccc': { ID: 'n4', HostName: 'off', TailscaleIPs: ['100.64.0.4'], Online: false },
    'nodekey:dddd': { ID: 'n5', HostName: 'shared-in', TailscaleIPs: null, Online: true },
  },
  User: {},
};

describe('what Tailscale knows', () => {
  const path = process.env.PATH;
  let calls = '';
  beforeEach(() => {
    const bin = join(tempHome(), 'bin');
    calls = join(bin, 'calls');
    mkdirSync(bin);
    writeFileSync(join(bin, 'status.json'), JSON.stringify(STATUS));
    writeFileSync(
      join(bin, 'tailscale'),
      `#!/bin/sh\necho "$@" >> ${calls}\n[ "$1 $2" = "status --json" ] && cat ${bin}/status.json\n`,
    );
    chmodSync(join(bin, 'tailscale'), 0o755);
    process.env.PATH = `${bin}${delimiter}${path}`;
  });
  afterEach(() => {
    process.env.PATH = path;
  });

  test('is asked for only while a member is unreachable, and once a minute', async () => {
    const clock = testClock();
    const tailscale = new Tailscale(clock);
    const discovery = new Discovery(() => ({ mdns: null, tailscale }));
    expect(await discovery.addressesOf(member(), false)).toEqual(['192.168.1.5:4775']);
    for (let round = 0; round < 3; round += 1)
      expect(await discovery.addressesOf(member(), true)).toEqual([
        '192.168.1.5:4775',
        '100.64.0.2:4775',
        '[fd7a:115c:a1e0::2]:4775',
      ]);
    expect(readFileSync(calls, 'utf8')).toBe('status --json\n');
    clock.offsetMs = -7_200_000;
    await tailscale.peers();
    expect(readFileSync(calls, 'utf8')).toBe('status --json\nstatus --json\n');
  });

  test('of a machine with another name is all that is on', async () => {
    const tailscale = new Tailscale(testClock());
    const discovery = new Discovery(() => ({ mdns: null, tailscale }));
    const found = await discovery.addressesOf(member({ name: 'renamed' }), true);
    expect(found).toContain('100.64.0.3:4775');
    expect(found).not.toContain('100.64.0.4:4775');
  });

  test('is nothing while it is stopped, missing or says something else', async () => {
    expect(readTailscale(JSON.stringify({ ...STATUS, BackendState: 'Stopped' }))).toEqual([]);
    expect(readTailscale(JSON.stringify({ ...STATUS, Peer: null }))).toEqual([]);
    expect(() => readTailscale('{"a":1}')).toThrow();
    writeFileSync(join(calls, '..', 'status.json'), 'failed to connect to local tailscaled');
    expect(await new Tailscale(testClock()).peers()).toEqual([]);
    process.env.PATH = tempHome();
    expect(await new Tailscale(testClock()).peers()).toEqual([]);
  });
});

describe('addresses', () => {
  test('where a member answered last comes first, and none comes twice', async () => {
    const discovery = new Discovery(() => ({ mdns: null, tailscale: null }));
    const two = member({ addresses: ['10.0.0.1:4775', '10.0.0.2:4775', '10.0.0.1:4775'] });
    discovery.found(two.node, '10.0.0.2:4775');
    expect(await discovery.addressesOf(two, true)).toEqual(['10.0.0.2:4775', '10.0.0.1:4775']);
  });

  test('of this machine are those of its interfaces, or the one it listens on', () => {
    const all = ownAddresses(undefined, 4775, ['home.example.org:4775']);
    expect(all[0]).toBe('home.example.org:4775');
    expect(all.join()).not.toMatch(/127\.0\.0\.1|\[::1\]|fe80/);
    for (const address of all) expect(parseAddress(address)?.port).toBe(4775);
    expect(ownAddresses('0.0.0.0', 4775, ['home.example.org:4775'])).toEqual(all);
    expect(ownAddresses('10.0.0.9', 1, [])).toEqual(['10.0.0.9:1']);
  });

  test('are read with IPv6 in brackets, and refused without a port', () => {
    expect(parseAddress('[fd00::2]:1')).toEqual({ host: 'fd00::2', port: 1 });
    expect(parseAddress('box.local:65535')).toEqual({ host: 'box.local', port: 65_535 });
    for (const wrong of ['box', 'box:', 'box:0', 'box:65536', 'fd00::2:1', '[fd00::2]', ':1'])
      expect(parseAddress(wrong)).toBeNull();
  });
});

describe('multicast DNS', () => {
  test('finds a member by its device id, at its port, and tells nobody the id', async () => {
    const port = await freePort();
    const troubles: string[] = [];
    const there = new Mdns(device, port, (why) => troubles.push(why));
    atEnd(() => there.stop());
    const other = formatDeviceId(new Uint8Array(32).fill(3));
    const here = new Mdns(other, port + 1, (why) => troubles.push(why));
    atEnd(() => here.stop());
    let found: string[] = [];
    await until(() => (found = here.addressesOf(device)).length > 0);
    for (const address of found) expect(parseAddress(address)?.port).toBe(port);
    expect(here.addressesOf(formatDeviceId(new Uint8Array(32)))).toEqual([]);
    expect(troubles).toEqual([]);
  });
});
