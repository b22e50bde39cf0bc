/** Seconds of processor time that the browsers of this process have used, by `/proc`. */

import { readdirSync, readFileSync } from 'node:fs';

/** `sysconf(_SC_CLK_TCK)`: 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** Sums user and system time over the processes below this one whose command line names a browser. */
export function browserCpuSeconds() {
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap(read);
  const parents = new Map(processes.map(({ pid, parent }) => [pid, parent]));
  const ours = ({ pid }) => {
    for (let at = pid; at !== undefined && at > 1; at = parents.get(at)) if (at === process.pid) return true;
    return false;
  };
  const ticks = processes.filter((one) => one.browser && ours(one)).reduce((sum, one) => sum + one.ticks, 0);
  return ticks / TICKS_PER_SECOND;
}

function read(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name stands in parentheses and may hold anything; fields are counted after it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const browser = /chrom|firefox/.test(readFileSync(`/proc/${pid}/cmdline`, 'latin1'));
    return [{ pid: Number(pid), parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]), browser }];
  } catch {
    return []; // It ended between the listing and the reading.
  }
}
