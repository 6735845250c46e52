import type { Budget } from '../../../shared/model/budget.ts';

/** The budget with another value of one cap, named by its path; what is not known stays as it is. */
export function withCap(budget: Budget, cap: string, value: number): Budget {
  const [group = '', name = ''] = cap.split('.');
  switch (group) {
    case 'task':
    case 'hour':
    case 'day':
    case 'month':
      return name in budget[group]
        ? { ...budget, [group]: { ...budget[group], [name]: value } }
        : budget;
    default:
      return budget;
  }
}
