// What the C++ contenders share: the units, the generator, the stopwatch.
#pragma once
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <unistd.h>
#include <vector>

struct alignas(64) Worker {
  uint64_t handled = 0, digest = 0;
  double last = 0;
  void Handle(double now, uint32_t payload) {
    handled++;
    digest = digest * 31 + payload;
    last = now;
  }
};

// SplitMix64 (Steele, Lea, Flood).
struct Random {
  uint64_t state = 42;
  uint64_t Bits() {
    uint64_t z = (state += 0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
  }
  double Delay() { return -std::log(1.0 - double(Bits() >> 11) * (1.0 / 9007199254740992.0)); }
  uint32_t Below(uint32_t n) { return ((Bits() >> 32) * n) >> 32; }
};

inline double Resident() {
  FILE* file = std::fopen("/proc/self/statm", "r");
  long size = 0, pages = 0;
  if (!file || std::fscanf(file, "%ld %ld", &size, &pages) != 2) std::abort();
  std::fclose(file);
  return double(pages) * sysconf(_SC_PAGESIZE);
}

struct Watch {
  uint64_t pending, events, handled = 0;
  double before = Resident();
  std::chrono::steady_clock::time_point begin;
  std::clock_t processor = 0;
  Watch(uint64_t pending, uint64_t events) : pending(pending), events(events) {}
  void Tick() {
    if (handled == pending) {
      begin = std::chrono::steady_clock::now();
      processor = std::clock();
    }
    if (handled == pending + events) {
      double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
      std::printf("%f %f %f\n", double(events) / seconds, Resident() - before,
                  double(std::clock() - processor) / CLOCKS_PER_SEC / seconds);
      std::fflush(stdout);
      _exit(0);
    }
    handled++;
  }
};

struct Workers {
  uint32_t jobs;
  Watch watch;
  std::vector<Worker> all;
  Random random;
  explicit Workers(char** argv)
      : jobs(std::atoi(argv[2])),
        watch(std::strtoull(argv[1], nullptr, 10) * jobs, std::strtoull(argv[3], nullptr, 10)),
        all(std::strtoull(argv[1], nullptr, 10)) {}
};
