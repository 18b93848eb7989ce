import fs from "node:fs";

/** The kernel counts CPU time in these units on Linux, whatever its own clock is (proc(5), USER_HZ). */
const US_PER_TICK = 10_000;

/** CPU time that all threads of a process have used, in microseconds; NaN where there is no /proc. */
export function cpuUs(pid: number): number {
  const stat = read(pid, "stat");
  // The second field is the name in brackets and may hold spaces; utime and stime are the 12th and 13th after it.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * US_PER_TICK;
}

/** Resident memory of a process in MB (10^6 bytes); NaN where there is no /proc. */
export function rssMb(pid: number): number {
  return (Number(/^VmRSS:\s+(\d+) kB/m.exec(read(pid, "status"))?.[1] ?? Number.NaN) * 1024) / 1e6;
}

const ESTABLISHED = "01";

/** How many TCP connections a server on this IPv4 port still has with these ports; NaN where there is no /proc. */
export function heldConnections(serverPort: number, clientPorts: ReadonlySet<number>): number {
  const lines = readText("/proc/net/tcp").split("\n").slice(1);
  if (lines.length === 0) return Number.NaN;
  // The second field is the own address, the third the other's, the fourth the state; ports in hex after the colon.
  const ports = lines
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === ESTABLISHED && portOf(fields[1]) === serverPort);
  return ports.filter((fields) => clientPorts.has(portOf(fields[2]))).length;
}

function portOf(address: string | undefined): number {
  return Number.parseInt(address?.split(":")[1] ?? "", 16);
}

function read(pid: number, name: string): string {
  return readText(`/proc/${pid}/${name}`);
}

function readText(path: string): string {
  try {
    return fs.readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
