import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Senses, ThermalLevel } from '../../shared/model/senses.ts';
import { readText } from './readText.ts';

/** Drivers of processor sensors (kernel docs, hwmon): Intel, AMD, and the name that SoCs use. */
const CPU_CHIPS = /^(coretemp|k10temp|zenpower|k8temp|cpu_thermal|cpu-thermal)$/;
/** Thermal zones that sit on the processor, best first. */
const CPU_ZONES = [/^x86_pkg_temp$/, /cpu|soc|pkg|big|core/i, /^acpitz$/];
/** A trip point below this is a placeholder: many boards declare one at 0 °C or at 20 °C. */
const LEAST_TRIP_CELSIUS = 45;
/** As close to its critical point the machine is about to switch itself off. */
const CRITICAL_MARGIN_CELSIUS = 5;
/** As close to the point at which the kernel slows the processor the fans are at full speed. */
const FAIR_MARGIN_CELSIUS = 10;
const MILLI = 1_000;

interface Zone {
  readonly temp: string;
  /** Where the kernel begins to cool by slowing down, and where it switches off, °C. */
  readonly passive: number | null;
  readonly critical: number | null;
}

/** Heat of a Linux machine. What sensors there are is looked up once: they do not change while it runs. */
export class LinuxHeat {
  private readonly sensors: readonly string[];
  private readonly zones: readonly Zone[];

  /** `classes` is /sys/class. */
  constructor(classes: string) {
    this.sensors = cpuSensors(join(classes, 'hwmon'));
    this.zones = cpuZones(join(classes, 'thermal'));
  }

  read(): Senses['thermal'] {
    const zones = this.zones.map((zone) => ({ ...zone, celsius: celsiusOf(zone.temp) }));
    const sensed = [...this.sensors.map(celsiusOf), ...zones.map(({ celsius }) => celsius)];
    const known = sensed.filter((celsius) => celsius !== null);
    return {
      level: zones.map(levelOf).reduce(hotter, null),
      celsius: known.length === 0 ? null : Math.max(...known),
      speedLimit: null,
    };
  }
}

function levelOf(zone: Zone & { readonly celsius: number | null }): ThermalLevel | null {
  const { celsius, passive, critical } = zone;
  if (celsius === null || (passive === null && critical === null)) return null;
  if (critical !== null && celsius >= critical - CRITICAL_MARGIN_CELSIUS) return 'critical';
  if (passive === null) return 'nominal';
  if (celsius >= passive) return 'serious';
  return celsius >= passive - FAIR_MARGIN_CELSIUS ? 'fair' : 'nominal';
}

const ORDER: readonly ThermalLevel[] = ['nominal', 'fair', 'serious', 'critical'];

function hotter(a: ThermalLevel | null, b: ThermalLevel | null): ThermalLevel | null {
  if (a === null || b === null) return a ?? b;
  return ORDER.indexOf(a) > ORDER.indexOf(b) ? a : b;
}

function cpuSensors(folder: string): string[] {
  return list(folder, /^hwmon\d+$/)
    .filter((chip) => CPU_CHIPS.test(readText(join(chip, 'name'))?.trim() ?? ''))
    .flatMap((chip) => list(chip, /^temp\d+_input$/));
}

/** The zones of the best kind that the machine has. */
function cpuZones(folder: string): Zone[] {
  const all = list(folder, /^thermal_zone\d+$/).map((zone) => ({
    zone,
    type: readText(join(zone, 'type'))?.trim() ?? '',
  }));
  const kind = CPU_ZONES.find((pattern) => all.some(({ type }) => pattern.test(type)));
  return all
    .filter(({ type }) => kind?.test(type))
    .map(({ zone }) => ({
      temp: join(zone, 'temp'),
      passive: tripOf(zone, /^(passive|hot)$/),
      critical: tripOf(zone, /^critical$/),
    }));
}

/** The lowest trip point of a kind (kernel docs, thermal/sysfs-api). */
function tripOf(zone: string, kind: RegExp): number | null {
  const trips = list(zone, /^trip_point_\d+_type$/)
    .filter((file) => kind.test(readText(file)?.trim() ?? ''))
    .map((file) => celsiusOf(file.replace(/_type$/, '_temp')))
    .filter((celsius) => celsius !== null && celsius >= LEAST_TRIP_CELSIUS)
    .map(Number);
  return trips.length === 0 ? null : Math.min(...trips);
}

function celsiusOf(file: string): number | null {
  const text = readText(file)?.trim();
  if (text === undefined || !/^-?\d+$/.test(text)) return null;
  const celsius = Number(text) / MILLI;
  // Sensors that are off say 0, −273 or absurdly much.
  return celsius > 0 && celsius < 150 ? celsius : null;
}

function list(folder: string, name: RegExp): string[] {
  try {
    return readdirSync(folder)
      .filter((entry) => name.test(entry))
      .sort()
      .map((entry) => join(folder, entry));
  } catch {
    return [];
  }
}
