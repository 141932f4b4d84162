/// Things to do later, soonest first (a binary heap).
struct TimerQueue<Action: Sendable>: Sendable {
  private struct Entry {
    var deadline: ContinuousClock.Instant
    var order: Int
    var action: Action
  }

  private var heap: [Entry] = []
  private var order = 0

  /// When the next action is due.
  var nextDeadline: ContinuousClock.Instant? { heap.first?.deadline }

  mutating func add(_ action: Action, at deadline: ContinuousClock.Instant) {
    order += 1
    heap.append(Entry(deadline: deadline, order: order, action: action))
    var child = heap.count - 1
    while child > 0, isBefore(child, (child - 1) / 2) {
      heap.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  /// Takes the next action if it is due.
  mutating func popDue(at now: ContinuousClock.Instant) -> Action? {
    guard let first = heap.first, first.deadline <= now else { return nil }
    let last = heap.removeLast()
    if !heap.isEmpty {
      heap[0] = last
      sink()
    }
    return first.action
  }

  private mutating func sink() {
    var parent = 0
    while true {
      var smallest = parent
      for child in [2 * parent + 1, 2 * parent + 2]
      where child < heap.count && isBefore(child, smallest) {
        smallest = child
      }
      if smallest == parent { return }
      heap.swapAt(parent, smallest)
      parent = smallest
    }
  }

  private func isBefore(_ left: Int, _ right: Int) -> Bool {
    (heap[left].deadline, heap[left].order) < (heap[right].deadline, heap[right].order)
  }
}
