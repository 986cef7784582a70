// PHOLD on SimGrid: timers of its kernel, below actors and activities.
// simgrid_phold UNITS JOBS EVENTS prints the same line as the Rust rivals.
#include <simgrid/kernel/Timer.hpp>
#include <simgrid/s4u.hpp>
#include "model.h"

static Workers* g;

static void Job(uint32_t to, uint32_t payload, double now) {
  g->watch.Tick();
  g->all[to].Handle(now, payload);
  uint32_t next = g->random.Below(g->all.size());
  double at = now + g->random.Delay();
  simgrid::kernel::timer::Timer::set(at, [next, payload, at] { Job(next, payload + 1, at); });
}

int main(int argc, char** argv) {
  simgrid::s4u::Engine engine(&argc, argv);
  Workers workers(argv);
  g = &workers;
  auto* zone = simgrid::s4u::create_full_zone("zone");
  auto* host = zone->create_host("host", 1e9);
  zone->seal();
  for (uint32_t to = 0; to < workers.all.size(); to++)
    for (uint32_t payload = 0; payload < workers.jobs; payload++) {
      double at = g->random.Delay();
      simgrid::kernel::timer::Timer::set(at, [to, payload, at] { Job(to, payload, at); });
    }
  // Timers alone do not keep the engine alive.
  simgrid::s4u::Actor::create("sleeper", host, [] { simgrid::s4u::this_actor::sleep_for(1e12); });
  engine.run();
}
