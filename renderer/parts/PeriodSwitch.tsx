import { SegmentedControl } from '@mantine/core';
import { useSearchParams } from 'wouter';

const PERIODS = [
  { value: '24', label: 'Day' },
  { value: '168', label: 'Week' },
  { value: '720', label: '30 days' },
] as const;

const BY_DEFAULT = '168';

/** The period that the address asks for, in hours; a week when it asks for none. */
export function usePeriod(): number {
  const [search] = useSearchParams();
  const asked = PERIODS.find(({ value }) => value === search.get('hours'));
  return Number(asked?.value ?? BY_DEFAULT);
}

/** Switches the period in the address. */
export function PeriodSwitch() {
  const [, setSearch] = useSearchParams();
  const hours = usePeriod();
  return (
    <SegmentedControl
      size="xs"
      aria-label="Period"
      data={PERIODS.map((period) => ({ ...period }))}
      value={String(hours)}
      onChange={(value) => setSearch(value === BY_DEFAULT ? {} : { hours: value })}
    />
  );
}
