print("hypergrad")
