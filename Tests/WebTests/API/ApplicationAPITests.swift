import Domain
import Foundation
import HTTPTypes
import HummingbirdTesting
import TestSupport
import Testing

@testable import Web

@Suite struct ApplicationAPITests {
  @Test func `an application is planned, deployed, read and changed`() async throws {
    try await withAPI { program, _, _ in
      let plan = try await program.post("\(Caller.web)/plan", ["specification": web])
      #expect(plan.status == .ok)
      #expect(plan.json["release"]?.int == 1)
      #expect(plan.json["isEmpty"]?.bool == false)
      #expect(plan.json["items"]?.array?.contains { $0["kind"]?.string == "Deployment" } == true)
      let hash = try #require(plan.json["hash"]?.string)
      #expect(try await program.get(Caller.web).status == .notFound)

      let made = try await program.send(
        .put, Caller.web,
        ["specification": web, "planHash": .string(hash), "message": "The first one"])
      #expect(made.status == .accepted)
      #expect(made.headers[.location] == "/api/v1\(Caller.web)/releases/1")
      #expect(made.json["release"]?.int == 1)
      #expect(made.json["message"]?.string == "The first one")
      // The same call again is the same release; another one with an old hash is nothing.
      let again = try await program.send(
        .put, Caller.web, ["specification": web, "planHash": .string(hash)])
      #expect(again.status == .accepted && again.json["release"]?.int == 1)
      let other = try await program.send(
        .put, Caller.web,
        ["specification": ["image": "nginx:1.29"], "planHash": .string(hash)])
      #expect(other.status == .conflict)
      try await program.settled()

      let shown = try await program.get(Caller.web)
      #expect(shown.json["health"]?.string == "healthy")
      #expect(shown.json["specification"]?["image"] == "nginx:1.27")
      #expect(shown.json["pods"]?.array?.count == 2)
      #expect(shown.json["addresses"]?[0]?["text"] == "http://web.shop.svc:80")
      #expect(shown.json["diagnosis"] == .null)
      let list = try await program.get("/projects/shop/applications")
      #expect(list.json["items"]?[0]?["replicas"] == ["ready": 2, "wanted": 2])

      let same = try await program.send(
        .put, Caller.web, ["specification": shown.json["specification"] ?? .null])
      #expect(same.status == .ok, "what was read can be sent back, and changes nothing")
      let patched = try await program.send(
        .patch, Caller.web, ["specification": ["environment": ["MODE": "fast"]]])
      #expect(patched.status == .accepted)
      let after = try await program.get(Caller.web)
      #expect(after.json["specification"]?["environment"] == ["MODE": "fast"])
      #expect(after.json["specification"]?["replicas"] == 2)
    }
  }

  @Test func `null takes a key away, so that an autoscaler comes and goes`() async throws {
    try await withAPI { program, _, _ in
      try await program.deployWeb()
      let on = try await program.send(
        .patch, Caller.web, ["specification": ["autoscaling": ["minimum": 2, "maximum": 4]]])
      #expect(on.status == .accepted, "\(on.text)")
      let both = try await program.send(
        .patch, Caller.web, ["specification": ["replicas": 3]])
      #expect(both.fields == ["specification.replicas"])
      let off = try await program.send(
        .patch, Caller.web, ["specification": ["autoscaling": .null, "replicas": 3]])
      #expect(off.status == .accepted, "\(off.text)")
      let shown = try await program.get(Caller.web).json["specification"]
      #expect(shown?["autoscaling"] == nil)
      #expect(shown?["replicas"] == 3)
    }
  }

  @Test func `a plan that moved deploys nothing`() async throws {
    try await withAPI { program, _, _ in
      let answer = try await program.send(
        .put, Caller.web, ["specification": web, "planHash": "other"])
      #expect(answer.status == .conflict)
      #expect(try await program.get(Caller.web).status == .notFound)
    }
  }

  @Test func `who saw an older release changes nothing`() async throws {
    try await withAPI { program, _, _ in
      try await program.deployWeb()
      let etag = try #require(try await program.get(Caller.web).headers[.eTag])
      let change: JSON = ["specification": ["replicas": 3]]

      let first = try await program.send(.patch, Caller.web, change, [.ifMatch: etag])
      #expect(first.status == .accepted)
      let second = try await program.send(.patch, Caller.web, change, [.ifMatch: etag])
      #expect(second.status == .preconditionFailed)
      #expect(second.reason == "preconditionFailed")
      let third = try await program.send(
        .put, Caller.web, ["specification": web], [.ifNoneMatch: "*"])
      #expect(third.status == .preconditionFailed)
      #expect(try await program.get(Caller.web).json["release"] == 2)
    }
  }

  @Test func `mistakes are named where they are in the body`() async throws {
    try await withAPI { program, _, _ in
      var specification = web
      specification = ["image": "", "colour": "red", "replicas": "two"]
      let shape = try await program.send(.put, Caller.web, ["specification": specification])
      #expect(shape.status == .unprocessableContent)
      #expect(
        Set(shape.fields) == [
          "specification.image", "specification.colour", "specification.replicas",
        ])
      let meaning = try await program.send(
        .put, Caller.web,
        [
          "specification": [
            "image": "nginx:1.27", "resources": ["memoryLimit": "much"],
            "environment": ["9LIVES": "no"], "healthCheck": ["http": "nowhere"],
          ]
        ])
      #expect(
        Set(meaning.fields) == [
          "specification.resources.memoryLimit", "specification.environment.9LIVES",
          "specification.healthCheck",
        ], "\(meaning.text)")
    }
  }

  @Test func `a secret value is written, kept, and never told`() async throws {
    try await withAPI { program, _, site in
      var members = web.object ?? []
      members.append(.init(key: "secretValues", value: ["PASSWORD": "hunter2-hunter2"]))
      try await program.deployWeb(.object(members))
      let shown = try await program.get(Caller.web)
      #expect(shown.json["specification"]?["secretValues"] == ["PASSWORD": .null])

      let changed = try await program.send(
        .patch, Caller.web, ["specification": ["secretValues": ["TOKEN": "swordfish"]]])
      #expect(changed.status == .accepted)
      let names = try await program.get(Caller.web).json["specification"]?["secretValues"]
      #expect(names == ["PASSWORD": .null, "TOKEN": .null])
      let removed = try await program.send(
        .patch, Caller.web, ["specification": ["secretValues": ["PASSWORD": .null]]])
      #expect(removed.status == .accepted)
      let left = try await program.get(Caller.web).json["specification"]?["secretValues"]
      #expect(left == ["TOKEN": .null])
      for path in ["", "/releases/2", "/manifests", "/releases"] {
        let text = try await program.get(Caller.web + path).text
        #expect(!text.contains("swordfish") && !text.contains("hunter2"), "\(path)")
      }
    }
  }

  @Test func `it is scaled, restarted, stopped and started`() async throws {
    try await withAPI { program, _, _ in
      try await program.deployWeb()
      let scaled = try await program.post("\(Caller.web)/scale", ["replicas": 3])
      #expect(scaled.status == .accepted)
      #expect(scaled.json["release"] == 2)
      try await program.settled()
      let same = try await program.post("\(Caller.web)/scale", ["replicas": 3])
      #expect(same.status == .ok)
      let late = try await program.post("\(Caller.web)/scale", ["replicas": 4, "release": 1])
      #expect(late.status == .conflict)
      #expect(try await program.post("\(Caller.web)/restart").status == .accepted)
      #expect(try await program.post("\(Caller.web)/stop", [:]).status == .accepted)
      #expect(try await program.get(Caller.web).json["isStopped"] == true)
      #expect(try await program.post("\(Caller.web)/restart").status == .conflict)
      #expect(try await program.post("\(Caller.web)/start").status == .accepted)
      #expect(try await program.post("\(Caller.web)/put-back").status.code < 300)
      try await program.settled()
      #expect(try await program.post("\(Caller.web)/pause").status == .conflict)
      #expect(try await program.post("\(Caller.web)/resume").status == .conflict)
      #expect(try await program.post("\(Caller.web)/cancel").status == .conflict)
    }
  }

  @Test func `a rollout that goes wrong is explained, and gone back from`() async throws {
    try await withAPI { program, _, _ in
      try await program.deployWeb()
      let broken = try await program.send(
        .patch, Caller.web, ["specification": ["image": "broken:1"]])
      #expect(broken.status == .accepted)
      try await eventually("it is diagnosed") {
        try await program.get(Caller.web).json["diagnosis"] != .null
      }
      let rollout = try await program.get("\(Caller.web)/releases/2/rollout")
      #expect(rollout.json["replicas"]?["oldReady"] == 2)
      #expect(rollout.json["diagnosis"]?["title"]?.string?.isEmpty == false)
      #expect(try await program.post("\(Caller.web)/pause").status == .noContent)
      #expect(try await program.post("\(Caller.web)/resume").status == .noContent)
      let cancelled = try await program.post("\(Caller.web)/cancel")
      #expect(cancelled.json["release"] == 3)
      try await program.settled()

      let back = try await program.post("\(Caller.web)/releases/1/rollback", [:])
      #expect(back.status == .accepted)
      let list = try await program.get("\(Caller.web)/releases?limit=2")
      #expect(list.json["items"]?.array?.compactMap { $0["number"]?.int } == [4, 3])
      let cursor = try #require(list.json["next"]?.string)
      let rest = try await program.get("\(Caller.web)/releases?limit=2&cursor=\(cursor)")
      #expect(rest.json["items"]?.array?.compactMap { $0["number"]?.int } == [2, 1])
      #expect(rest.json["next"] == .null)
      let one = try await program.get("\(Caller.web)/releases/1")
      #expect(one.json["state"] == "succeeded")
      #expect(try await program.get("\(Caller.web)/releases/99").status == .notFound)
      #expect(try await program.get("\(Caller.web)/releases/x/rollout").status == .notFound)
    }
  }

  @Test func `it is deleted by its name, restored, and removed for good`() async throws {
    try await withAPI { program, _, _ in
      try await program.deployWeb()
      let slip = try await program.send(.delete, "\(Caller.web)?confirm=wep")
      #expect(slip.fields == ["confirm"])
      #expect(try await program.send(.delete, Caller.web).fields == ["confirm"])
      let gone = try await program.send(.delete, "\(Caller.web)?confirm=web")
      #expect(gone.status == .noContent, "\(gone.text)")
      #expect(try await program.get(Caller.web).status == .notFound)
      let deleted = try await program.get("/projects/shop/deleted-applications")
      #expect(deleted.json["items"]?[0]?["name"] == "web")
      #expect(try await program.post("\(Caller.web)/restore").status == .accepted)
      #expect(try await program.get(Caller.web).status == .ok)
      try await program.send(.delete, "\(Caller.web)?confirm=web&volumes=true")
      #expect(try await program.post("\(Caller.web)/removal?confirm=web").status == .noContent)
    }
  }

  @Test func `its events, drift, manifests, log and address are told`() async throws {
    try await withAPI { program, _, _ in
      try await program.deployWeb()
      #expect(try await program.get("\(Caller.web)/events").status == .ok)
      let drift = try await program.get("\(Caller.web)/drift")
      #expect(drift.json["isDrifting"] == false)
      let manifests = try await program.get("\(Caller.web)/manifests?limit=1")
      #expect(manifests.json["items"]?.array?.count == 1)
      #expect(manifests.json["next"] != .null)
      let log = try await program.get("\(Caller.web)/logs?tail=10")
      #expect(log.headers[.contentType] == "text/plain; charset=utf-8")
      #expect(try await program.get("\(Caller.web)/logs?tail=1").fields == ["tail"])
      #expect(try await program.get("\(Caller.web)/logs?follow=true").fields == ["follow"])
      let checked = try await program.post("\(Caller.web)/address-check", ["reach": "cluster"])
      #expect(checked.json["detail"]?.string?.isEmpty == false)
      let other = try await program.post("\(Caller.web)/address-check", ["reach": "ingress"])
      #expect(other.status == .notFound)
      let usage = try await program.get("/projects/shop/usage?range=7d")
      #expect(usage.json["range"] == "7d")
    }
  }
}

/// Streams need a real connection.
@Suite(.timeLimit(.minutes(10))) struct StreamAPITests {
  @Test func `a rollout is followed as events until it is finished`() async throws {
    try await withAPI(.live) { program, _, _ in
      let made = try await program.send(.put, Caller.web, ["specification": web])
      #expect(made.status == .accepted)

      // Comes back at all only because the stream ends by itself.
      let stream = try await program.get(
        "\(Caller.web)/releases/1/rollout", [.accept: "text/event-stream"])

      #expect(stream.headers[.contentType] == "text/event-stream")
      let events = stream.text.components(separatedBy: "event: rollout\ndata: ").dropFirst()
      let last = try JSON(parsing: Array((events.last ?? "").utf8.prefix { $0 != 0x0a }))
      #expect(last["isFinished"] == true)
      #expect(last["state"] == "succeeded")
    }
  }
}
