// PHOLD on ns-3: Simulator::Schedule, with the fastest of its schedulers (a binary heap).
// ns3_phold UNITS JOBS EVENTS prints the same line as the Rust rivals.
#include "ns3/core-module.h"
#include "model.h"

static Workers* g;

static void Job(uint32_t to, uint32_t payload) {
  g->watch.Tick();
  g->all[to].Handle(ns3::Simulator::Now().GetSeconds(), payload);
  uint32_t next = g->random.Below(g->all.size());
  ns3::Simulator::Schedule(ns3::NanoSeconds(int64_t(g->random.Delay() * 1e9)), &Job, next, payload + 1);
}

int main(int, char** argv) {
  Workers workers(argv);
  g = &workers;
  ns3::ObjectFactory factory;
  factory.SetTypeId("ns3::PriorityQueueScheduler");
  ns3::Simulator::SetScheduler(factory);
  for (uint32_t to = 0; to < workers.all.size(); to++)
    for (uint32_t payload = 0; payload < workers.jobs; payload++)
      ns3::Simulator::Schedule(ns3::NanoSeconds(int64_t(g->random.Delay() * 1e9)), &Job, to, payload);
  ns3::Simulator::Run();
}
